package dev.lorikeet.bench.compare;

import java.util.List;

/// What one contender did.
///
/// @param contender its name
/// @param calls     runs per timed sample
/// @param seconds   seconds per run, one entry per round
/// @param values    what its first runs returned, warm-up included; at most [#VALUES]
public record Samples(String contender, int calls, List<Double> seconds, List<Double> values) {
    /// How many returned values are kept.
    public static final int VALUES = 10;

    public Samples {
        seconds = List.copyOf(seconds);
        values = List.copyOf(values);
    }

    /// Median seconds per run.
    public double median() {
        return Spread.of(seconds).median();
    }

    /// Fastest round.
    public double min() {
        return seconds.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    }

    /// Slowest round.
    public double max() {
        return seconds.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }

    /// How many times longer this contender took than `ours`, round by round.
    public Spread ratioTo(Samples ours) {
        double[] ratios = new double[seconds.size()];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = seconds.get(i) / ours.seconds.get(i);
        }
        return Spread.of(ratios);
    }
}
