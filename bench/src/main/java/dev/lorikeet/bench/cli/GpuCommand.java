package dev.lorikeet.bench.cli;

import dev.lorikeet.bench.gpu.Outcome;
import dev.lorikeet.bench.gpu.Plan;
import dev.lorikeet.bench.gpu.SuiteReport;
import dev.lorikeet.bench.gpu.SuiteRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `gpu`: the suite for a GPU.
@Command(
        name = "gpu",
        description = {
            "Checks and measures everything on a GPU: kernel contract, golden cases, ceilings, training steps in turns "
                    + "with PyTorch's, each kernel.",
            "Each part is a process of its own; what is known is written after each."
        },
        mixinStandardHelpOptions = true)
final class GpuCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private GpuOptions options;

    @Option(names = "--quick", description = "Few rounds: for a first look, not to be quoted.")
    private boolean quick;

    @Option(names = "--parts", paramLabel = "PATTERN", split = ",",
            description = "Only these parts, such as contract/*,step/gpt2-8x512; all if not given.")
    private List<String> parts = List.of();

    @Option(names = "--list", description = "Only list the parts, those that --parts names if it is given.")
    private boolean list;

    @Option(names = "--minutes", paramLabel = "N", defaultValue = "9.5",
            description = "Time for everything (${DEFAULT-VALUE}); parts that find none left are skipped.")
    private double minutes;

    @Option(names = "--out", paramLabel = "FOLDER", defaultValue = "gpu-results",
            description = "Where results.json, report.md and log.txt go (${DEFAULT-VALUE}).")
    private Path folder;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        Plan plan = new Plan(options.settings(quick));
        String command = "run-gpu-suite " + String.join(" ", spec.commandLine().getParseResult().originalArgs());
        List<Outcome> outcomes;
        try {
            if (list) {
                plan.names(parts).forEach(out::println);
                return 0;
            }
            outcomes = new SuiteRun(folder, out, 60 * minutes).run(plan, parts, command);
        } catch (IllegalArgumentException unknown) {
            throw new ParameterException(spec.commandLine(), unknown.getMessage(), unknown);
        }
        SuiteReport report = new SuiteReport(outcomes, command);
        out.printf("%n%s%n%s", report.title(), report.table());
        out.printf("%nAll of it: %s%n", folder.resolve("report.md"));
        boolean failed = outcomes.stream().map(Outcome::status)
                .anyMatch(status -> status == Outcome.Status.FAILED || status == Outcome.Status.TIMED_OUT);
        return failed ? 1 : 0;
    }
}
