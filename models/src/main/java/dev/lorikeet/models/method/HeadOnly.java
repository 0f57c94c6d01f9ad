package dev.lorikeet.models.method;

import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.TrainableWeights;
import dev.lorikeet.nn.Weights;

/// Trains the head of the task alone, on the frozen model's features: the baseline that an adapter has to beat. Saved
/// as a whole model.
public record HeadOnly() implements Method {
    /// @throws IllegalArgumentException if the task brings no head: nothing would be trained
    @Override
    public <M> Tuned<M> apply(Tunable<M> model, long seed) {
        if (model.heads().isEmpty()) {
            throw new IllegalArgumentException(
                    "this task has no head of its own that could be trained alone: choose another method");
        }
        TrainableWeights head = new TrainableWeights(model.store(), path -> model.heads().stream()
                .anyMatch(module -> path.equals(module) || path.startsWith(module + ".")), seed);
        M built = model.architecture().build(Weights.of(model.store(), head), Projections.plain());
        return new TunedWeights<>(built, head.all(), model.store().backend());
    }
}
