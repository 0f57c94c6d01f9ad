package dev.lorikeet.bench.cli;

import dev.lorikeet.bench.compare.Result;
import dev.lorikeet.bench.compare.ResultFolder;
import dev.lorikeet.bench.report.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `render`: a page from results that are there already.
@Command(
        name = "render",
        description = "Writes a page with tables and pictures from the results at hand.",
        mixinStandardHelpOptions = true)
final class RenderCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--results", paramLabel = "FOLDER", defaultValue = "bench/target/results",
            description = "Where compare left its results (${DEFAULT-VALUE}).")
    private Path from;

    @Option(names = "--out", paramLabel = "FOLDER", defaultValue = "bench/target/report",
            description = "Where the page and its pictures go (${DEFAULT-VALUE}).")
    private Path out;

    @Override
    public Integer call() throws IOException {
        List<Result> results = new ResultFolder(from).read();
        if (results.isEmpty()) {
            spec.commandLine().getErr().printf("no results in %s: run bench/run compare first%n", from);
            return 1;
        }
        spec.commandLine().getOut().println(new Report(results).write(out));
        return 0;
    }
}
