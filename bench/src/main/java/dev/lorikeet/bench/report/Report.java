package dev.lorikeet.bench.report;

import dev.lorikeet.bench.compare.Result;
import dev.lorikeet.bench.compare.ResultTable;
import dev.lorikeet.bench.compare.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The page about all results at hand.
public final class Report {
    private final List<Result> results;

    /// @param results of any suites, in any order
    public Report(List<Result> results) {
        this.results = List.copyOf(results);
    }

    /// Writes `report.md` and its pictures into `folder` and returns the page.
    public Path write(Path folder) throws IOException {
        Files.createDirectories(folder);
        StringBuilder page = new StringBuilder("# What was measured\n\n");
        page.append(machine()).append("\n\n");
        page.append("""
                Contenders did the same work in turns, in one process. Quoted are medians with the range, and the median
                of each round's ratio to ours with its quartiles: above 1 ours is faster. "Others busy" is how many
                cores did other work meanwhile.
                """);
        List<Result> compared = results.stream().filter(one -> one.bestPeer().isPresent()).toList();
        if (!compared.isEmpty()) {
            Files.writeString(folder.resolve("ratios.svg"), RatioBars.draw(compared));
            page.append("\n![best peer's time over ours](ratios.svg)\n");
        }
        Optional<Ceilings> ceilings = Ceilings.of(results);
        if (ceilings.isPresent()) {
            List<Result> kernels = results.stream().filter(one -> !one.traits().containsKey("ceiling")).toList();
            Files.writeString(folder.resolve("roofline.svg"), Roofline.draw(ceilings.get(), kernels));
            page.append("\n![roofline](roofline.svg)\n").append(roofs(ceilings.get(), kernels));
        }
        List<Result> scaling = results.stream().filter(ScalingPlot::canDraw).toList();
        if (!scaling.isEmpty()) {
            Files.writeString(folder.resolve("scaling.svg"), ScalingPlot.draw(scaling));
            page.append("\n![scaling](scaling.svg)\n");
        }
        bySuite().forEach((suite, all) -> page.append(suite(suite, all)));
        Path file = folder.resolve("report.md");
        Files.writeString(file, page.toString());
        return file;
    }

    private Map<String, List<Result>> bySuite() {
        return results.stream().collect(Collectors.groupingBy(Result::suite, TreeMap::new, Collectors.toList()));
    }

    private String machine() {
        String oldest = results.stream().map(Result::date).min(String::compareTo).orElse("never");
        String newest = results.stream().map(Result::date).max(String::compareTo).orElse("never");
        return "%s, %d processors, Java %s, measured from %s to %s.".formatted(
                System.getProperty("os.arch"), Runtime.getRuntime().availableProcessors(),
                Runtime.version(), oldest, newest);
    }

    private static String suite(String name, List<Result> all) {
        StringBuilder part = new StringBuilder("\n## %s\n\n".formatted(name));
        ResultTable.summary(all).ifPresent(line -> part.append(line).append(".\n"));
        ResultTable.shareOfPeak(all, 1e9).ifPresent(line -> part.append('\n').append(line).append(".\n"));
        List<Result> axes = all.stream().filter(ScalingPlot::canDraw).toList();
        part.append('\n').append(axes.size() == all.size() ? axes(axes) : ResultTable.of(all));
        return part.toString();
    }

    /// How far below the roof each kernel is: of the bytes of memory or of the operations, whichever limits it.
    private static String roofs(Ceilings ceilings, List<Result> kernels) {
        StringBuilder table = new StringBuilder("""

                | kernel | operations per byte | GFLOP/s | GB/s | limit | share of it |
                |---|---:|---:|---:|---|---:|
                """);
        for (Result one : kernels) {
            if (!(one.work().bytes() > 0)) {
                continue;
            }
            boolean compute = one.work().intensity() * ceilings.gigabytes() > ceilings.gigaflops();
            double share = compute
                    ? one.gigaflops(one.ours()) / ceilings.gigaflops()
                    : one.gigabytes(one.ours()) / ceilings.gigabytes();
            table.append(String.format(Locale.ROOT, "| %s: %s | %s | %.1f | %.1f | %s | %.0f%% |%n",
                    one.suite(), one.comparison(),
                    one.work().intensity() > 0 ? Axis.label(one.work().intensity()) : "",
                    one.gigaflops(one.ours()), one.gigabytes(one.ours()),
                    compute ? "registers" : "memory", 100 * share));
        }
        return table.toString();
    }

    private static String axes(List<Result> axes) {
        List<String> lines = new ArrayList<>();
        lines.add("| axis | value | time, s | relative | expected |");
        lines.add("|---|---:|---:|---:|---:|");
        for (Result one : axes) {
            List<Double> expected = ScalingPlot.expected(one);
            for (int i = 0; i < one.contenders().size(); i++) {
                Samples point = one.contenders().get(i);
                lines.add(String.format(Locale.ROOT, "| %s | %s | %.3f | %.2f | %.2f |", one.traits().get("axis"),
                        point.contender(), point.median(), point.ratioTo(one.ours()).median(), expected.get(i)));
            }
        }
        return String.join("\n", lines) + "\n";
    }
}
