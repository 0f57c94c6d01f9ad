package dev.lorikeet.models.cli;

import java.io.PrintWriter;
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
        versionProvider = Version.class)
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
        System.exit(run(new PrintWriter(System.out, true), new PrintWriter(System.err, true), args));
    }

    /// Runs one command and returns its exit code: 0 done, 1 failed, 2 not understood.
    static int run(PrintWriter out, PrintWriter err, String... args) {
        Main main = new Main();
        return new CommandLine(main)
                .setOut(out)
                .setErr(err)
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
        String reason = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + reason);
        return command.getCommandSpec().exitCodeOnExecutionException();
    }
}
