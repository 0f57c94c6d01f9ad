package dev.lorikeet.models.metric;

import java.util.Comparator;
import java.util.stream.IntStream;

/// `ρ = r(rank(x), rank(y))`: Pearson's correlation of the ranks. Equal values share the mean of the ranks that they
/// take, so ties are exact; the short formula `1 − 6·Σd²/(n³ − n)` would not be. Not a number where all predictions or
/// all labels are equal.
public record SpearmanCorrelation() implements Metric {
    @Override
    public String name() {
        return "spearman";
    }

    @Override
    public double of(double[] predictions, double[] labels) {
        Metric.requirePairs(predictions, labels);
        return PearsonCorrelation.correlation(ranks(predictions), ranks(labels));
    }

    /// Ranks from 1; `{3, 1, 3}` has the ranks `{2.5, 1, 2.5}`.
    static double[] ranks(double... values) {
        int[] order = IntStream.range(0, values.length).boxed()
                .sorted(Comparator.comparingDouble(i -> values[i])).mapToInt(i -> i).toArray();
        double[] ranks = new double[values.length];
        for (int from = 0; from < order.length; ) {
            int to = from + 1;
            while (to < order.length && values[order[to]] == values[order[from]]) {
                to++;
            }
            for (int i = from; i < to; i++) {
                ranks[order[i]] = (from + 1 + to) / 2.0;
            }
            from = to;
        }
        return ranks;
    }
}
