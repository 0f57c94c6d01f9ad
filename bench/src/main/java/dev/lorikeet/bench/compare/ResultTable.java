package dev.lorikeet.bench.compare;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Results as a Markdown table, readable in a terminal too: a line per contender, ours first.
public final class ResultTable {
    private ResultTable() {}

    /// The table of some results.
    public static String of(List<Result> results) {
        StringBuilder table = new StringBuilder();
        table.append(header());
        results.forEach(result -> table.append(lines(result)));
        return table.toString();
    }

    /// The table's head.
    public static String header() {
        return "%-34s | %-16s | %-27s | %9s | %9s | %-20s | %s%n|%s%n".formatted(
                "| comparison", "contender", "time [min – max]", "GFLOP/s", "GB/s", "× ours [quartiles]",
                "others busy |", "---|---|---|---:|---:|---|---:|");
    }

    /// The lines of one result.
    public static String lines(Result result) {
        StringBuilder lines = new StringBuilder();
        for (Samples samples : result.contenders()) {
            boolean first = samples == result.ours();
            Spread ratio = samples.ratioTo(result.ours());
            lines.append(String.format(Locale.ROOT, "%-34s | %-16s | %-27s | %9s | %9s | %-20s | %s |%n",
                    "| " + (first ? result.comparison() : ""),
                    samples.contender(),
                    times(samples),
                    rate(result.gigaflops(samples)),
                    rate(result.gigabytes(samples)),
                    first ? "" : "%.3f [%.3f – %.3f]".formatted(ratio.median(), ratio.low(), ratio.high()),
                    first ? "%.2f cores".formatted(result.otherCores()) : ""));
        }
        return lines.toString();
    }

    /// Geometric mean of the ratios of the best peer's time to ours, and the worst one; empty without peers.
    public static Optional<String> summary(List<Result> results) {
        List<Result> compared = results.stream().filter(result -> result.bestPeer().isPresent()).toList();
        if (compared.isEmpty()) {
            return Optional.empty();
        }
        double mean = Math.exp(compared.stream()
                .mapToDouble(result -> Math.log(result.speedup().orElseThrow().median()))
                .average()
                .orElseThrow());
        Result worst = compared.stream()
                .min(java.util.Comparator.comparingDouble(result -> result.speedup().orElseThrow().median()))
                .orElseThrow();
        return Optional.of(String.format(Locale.ROOT,
                "best peer's time / ours: geometric mean %.3f over %d comparisons, worst %.3f (%s, %s)",
                mean, compared.size(), worst.speedup().orElseThrow().median(), worst.comparison(),
                worst.bestPeer().orElseThrow().contender()));
    }

    /// What share of the FMA ceiling, measured in the same run, ours reaches on work of at least `leastFlops`; empty
    /// without that ceiling or such work.
    public static Optional<String> shareOfPeak(List<Result> results, double leastFlops) {
        Optional<Result> peak = results.stream().filter(one -> "fma".equals(one.traits().get("ceiling"))).findFirst();
        List<Result> large = results.stream()
                .filter(one -> !one.traits().containsKey("ceiling") && one.work().flops() >= leastFlops)
                .toList();
        if (peak.isEmpty() || large.isEmpty()) {
            return Optional.empty();
        }
        double ceiling = peak.get().gigaflops(peak.get().ours());
        double[] shares = large.stream().mapToDouble(one -> 100 * one.gigaflops(one.ours()) / ceiling).toArray();
        Spread spread = Spread.of(shares);
        return Optional.of(String.format(Locale.ROOT,
                "share of the FMA ceiling (%.0f GFLOP/s) on %d comparisons of at least %.1g FLOP: median %.0f%%, "
                        + "least %.0f%%",
                ceiling, shares.length, leastFlops, spread.median(), Arrays.stream(shares).min().orElseThrow()));
    }

    private static String times(Samples samples) {
        double unit = samples.median() < 1e-3 ? 1e6 : samples.median() < 1 ? 1e3 : 1;
        String name = unit == 1e6 ? "µs" : unit == 1e3 ? "ms" : "s";
        return String.format(Locale.ROOT, "%.3f %s [%.3f – %.3f]",
                samples.median() * unit, name, samples.min() * unit, samples.max() * unit);
    }

    private static String rate(double rate) {
        return rate == 0 ? "" : String.format(Locale.ROOT, "%.1f", rate);
    }
}
