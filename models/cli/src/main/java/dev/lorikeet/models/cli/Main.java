package dev.lorikeet.models.cli;

import dev.lorikeet.lora.AdapterMismatch;
import dev.lorikeet.lora.MergeException;
import dev.lorikeet.models.data.DataException;
import dev.lorikeet.models.text.TokenizerException;
import dev.lorikeet.models.train.NonFiniteLossException;
import dev.lorikeet.tensor.OutOfDeviceMemory;
import dev.lorikeet.tensor.io.FormatException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/// The entry point: `lorikeet [--help | --version] <command> …`.
@Command(
        name = "lorikeet",
        description = "Fine-tune, evaluate, merge and look into LoRA adapters.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {
            QuickstartCommand.class,
            PretrainCommand.class,
            TrainCommand.class,
            RecipesCommand.class,
            EvaluateCommand.class,
            ScoreCommand.class,
            GenerateCommand.class,
            MergeCommand.class,
            InspectCommand.class,
            ConvertCommand.class,
            CombineCommand.class,
            TokenizeCommand.class,
            PullCommand.class,
            VerifyCommand.class
        })
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--trace",
            scope = ScopeType.INHERIT,
            description = "Print the stack trace of a failure, not only its reason.")
    private boolean trace;

    private Main() {}

    /// Runs one command and ends the JVM with its exit code.
    public static void main(String[] args) {
        // UTF-8 whatever the locale says: what tokenize --decode prints has to be the text's own bytes
        System.exit(run(
                new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                new PrintWriter(System.err, true, StandardCharsets.UTF_8),
                args));
    }

    /// Runs one command and returns its exit code: 0 done, 1 failed, 2 given something that cannot be used: an option,
    /// a file, a number.
    static int run(PrintWriter out, PrintWriter err, String... args) {
        Main main = new Main();
        return new CommandLine(main)
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(main::explain)
                .execute(args);
    }

    /// A command line that names no command is not understood.
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command? See the list below.");
    }

    /// Tells why a command failed in one line; `--trace` shows where, too.
    private int explain(Exception failure, CommandLine command, ParseResult parsed) throws Exception {
        if (trace) {
            throw failure;
        }
        CommandSpec failed = command.getCommandSpec();
        command.getErr().println(failed.qualifiedName() + ": " + Advice.message(failure, failed));
        return isInput(failure) ? failed.exitCodeOnInvalidInput() : failed.exitCodeOnExecutionException();
    }

    /// Whether what was given is at fault, rather than the program.
    private static boolean isInput(Exception failure) {
        return switch (failure) {
            case IllegalArgumentException _, IOException _, UncheckedIOException _ -> true;
            case FormatException _, DataException _, TokenizerException _ -> true;
            case AdapterMismatch _, MergeException _, NonFiniteLossException _, OutOfDeviceMemory _ -> true;
            default -> false;
        };
    }
}
