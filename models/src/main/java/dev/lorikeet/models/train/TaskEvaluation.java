package dev.lorikeet.models.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// Metrics of a task on held-out data.
///
/// @param figures by name; the mean loss among them
/// @param primary name of the one that decides which weights are kept
public record TaskEvaluation(Map<String, Double> figures, String primary) implements Evaluation {
    public TaskEvaluation {
        figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
        if (!figures.containsKey(primary)) {
            throw new IllegalArgumentException("no figure '%s' among %s".formatted(primary, figures.keySet()));
        }
    }

    @Override
    public double score() {
        return figures.get(primary);
    }

    @Override
    public String toString() {
        return figures.entrySet().stream()
                .map(each -> String.format(Locale.ROOT, "%s %.4f", each.getKey(), each.getValue()))
                .collect(Collectors.joining(", "));
    }
}
