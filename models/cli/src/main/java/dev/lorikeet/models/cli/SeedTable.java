package dev.lorikeet.models.cli;

import dev.lorikeet.models.train.BestEvaluation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// The best evaluation of each seed, and their median and spread (largest less smallest).
final class SeedTable {
    private final Map<Long, BestEvaluation> bests = new TreeMap<>();

    void add(long seed, BestEvaluation best) {
        bests.put(seed, best);
    }

    /// Of an even number the mean of the two in the middle.
    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    static double spread(List<Double> values) {
        return values.stream().max(Double::compare).orElseThrow() - values.stream().min(Double::compare).orElseThrow();
    }

    /// Empty if there is only one seed.
    @Override
    public String toString() {
        if (bests.size() < 2) {
            return "";
        }
        List<String> names = new ArrayList<>(bests.values().iterator().next().figures().keySet());
        StringBuilder text = new StringBuilder("%-8s".formatted("seed"));
        names.forEach(name -> text.append(" %20s".formatted(name)));
        text.append("      step%n".formatted());
        bests.forEach((seed, best) -> {
            text.append("%-8d".formatted(seed));
            names.forEach(name -> text.append(String.format(Locale.ROOT, " %20.4f", best.figures().get(name))));
            text.append(" %9d%n".formatted(best.step()));
        });
        StringBuilder medians = new StringBuilder("%-8s".formatted("median"));
        StringBuilder spreads = new StringBuilder("%-8s".formatted("spread"));
        for (String name : names) {
            List<Double> values = bests.values().stream().map(best -> best.figures().get(name)).toList();
            medians.append(String.format(Locale.ROOT, " %20.4f", median(values)));
            spreads.append(String.format(Locale.ROOT, " %20.4f", spread(values)));
        }
        return text.append(medians).append("%n".formatted()).append(spreads).append("%n".formatted()).toString();
    }
}
