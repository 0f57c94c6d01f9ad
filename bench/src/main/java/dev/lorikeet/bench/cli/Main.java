package dev.lorikeet.bench.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// The entry point: `bench/run COMMAND …`.
@Command(
        name = "bench/run",
        description = "Measures what Lorikeet's kernels and steps cost, beside its peers.",
        mixinStandardHelpOptions = true,
        subcommands = {ListCommand.class, CompareCommand.class, RenderCommand.class, BeforeAfterCommand.class,
            MemoryCommand.class, LengthsCommand.class, ShapesCommand.class, GpuCommand.class, GpuPartCommand.class})
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    private Main() {}

    /// Runs one command and ends the JVM with its exit code.
    public static void main(String[] args) {
        System.exit(run(
                new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                new PrintWriter(System.err, true, StandardCharsets.UTF_8),
                args));
    }

    static int run(PrintWriter out, PrintWriter err, String... args) {
        CommandLine line = new CommandLine(new Main()).setCaseInsensitiveEnumValuesAllowed(true);
        line.getSubcommands().get("jmh").setUnmatchedOptionsArePositionalParams(true);
        return line.setOut(out).setErr(err).execute(args);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command? See the list below.");
    }

    /// Everything behind `jmh` belongs to JMH.
    @Command(name = "jmh", description = "Runs JMH with its own options; -h lists them, -l the benchmarks.")
    int jmh(@Parameters(arity = "0..*", paramLabel = "OPTION") String... options) throws IOException {
        org.openjdk.jmh.Main.main(options == null ? new String[0] : options);
        return 0;
    }
}
