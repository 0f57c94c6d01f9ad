package dev.lorikeet.bench.cli;

import dev.lorikeet.bench.compare.PairedRun;
import dev.lorikeet.bench.compare.Result;
import dev.lorikeet.bench.compare.ResultFolder;
import dev.lorikeet.bench.compare.ResultTable;
import dev.lorikeet.bench.compare.SamplingPlan;
import dev.lorikeet.bench.compare.Suite;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `compare`: measures comparisons, prints a table and keeps the results.
@Command(
        name = "compare",
        description = {
            "Measures the contenders of each comparison in turns, in this process.",
            "Quoted: median [min - max] per contender, and the median of each round's ratio to ours with its "
                    + "quartiles: above 1 ours is faster."
        },
        mixinStandardHelpOptions = true)
final class CompareCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "PATTERN",
            description = "A suite, or suite/name with * for any characters; everything if there is none.")
    private List<String> patterns = List.of();

    @Option(names = "--quick", description = "Few rounds: for a first look, not to be quoted.")
    private boolean quick;

    @Option(names = "--rounds", paramLabel = "N", description = "Rounds per comparison.")
    private Integer rounds;

    @Option(names = "--out", paramLabel = "FOLDER", defaultValue = "bench/target/results",
            description = "Where results are kept as JSON (${DEFAULT-VALUE}).")
    private Path folder;

    @Override
    public Integer call() throws IOException {
        List<Selection> selections;
        try {
            selections = Selection.of(Suite.all(), patterns);
        } catch (IllegalArgumentException unknown) {
            throw new ParameterException(spec.commandLine(), unknown.getMessage(), unknown);
        }
        SamplingPlan plan = quick ? SamplingPlan.QUICK : SamplingPlan.FULL;
        measure(selections, rounds == null ? plan : plan.withRounds(rounds));
        return 0;
    }

    private void measure(List<Selection> selections, SamplingPlan plan) throws IOException {
        var out = spec.commandLine().getOut();
        PairedRun run = new PairedRun(plan);
        ResultFolder results = new ResultFolder(folder);
        List<Result> all = new ArrayList<>();
        out.print(ResultTable.header());
        for (Selection selection : selections) {
            Result result = run.measure(selection.suite().name(), selection.comparison());
            results.write(result);
            all.add(result);
            out.print(ResultTable.lines(result));
            out.flush();
        }
        ResultTable.summary(all).ifPresent(line -> out.printf("%n%s%n", line));
        ResultTable.shareOfPeak(all, 1e9).ifPresent(out::println);
    }
}
