package dev.lorikeet.models.train;

import java.util.Map;

/// What held-out data say of the current weights. `toString` is one line for people.
public interface Evaluation {
    /// Decides which weights are kept: the larger, the better. Not a number is worse than any number.
    double score();

    /// All figures by name, for logs.
    Map<String, Double> figures();
}
