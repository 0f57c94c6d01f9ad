package dev.lorikeet.models.metric;

/// Compares predictions with labels; the larger, the better.
public interface Metric {
    /// What figures are called in logs and tables: `accuracy`, `f1`, …
    String name();

    /// @param predictions class numbers or values
    /// @param labels      as many, of the same kind
    /// @throws IllegalArgumentException if there are none, or not as many
    double of(double[] predictions, double[] labels);

    /// @throws IllegalArgumentException if there are no predictions, or not as many as labels
    static void requirePairs(double[] predictions, double[] labels) {
        if (predictions.length != labels.length || labels.length == 0) {
            throw new IllegalArgumentException("%d predictions for %d labels: a metric needs as many, and at least one"
                    .formatted(predictions.length, labels.length));
        }
    }
}
