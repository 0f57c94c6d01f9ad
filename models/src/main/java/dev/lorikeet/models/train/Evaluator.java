package dev.lorikeet.models.train;

/// Says how good the current weights are on data that they are not trained on.
@FunctionalInterface
public interface Evaluator {
    Evaluation evaluate();
}
