package dev.lorikeet.nn.optim;

import dev.lorikeet.autograd.Trainable;
import java.util.List;

/// Weights that share a learning-rate factor and a weight decay.
///
/// @param weights     the weights
/// @param weightDecay decoupled decay per unit of learning rate
/// @param lrFactor    multiplies the learning rate; 1 but for methods such as LoRA+
public record ParameterGroup(List<Trainable> weights, double weightDecay, double lrFactor) {
    public ParameterGroup {
        weights = List.copyOf(weights);
        if (!(weightDecay >= 0)) {
            throw new IllegalArgumentException("weight decay must be >= 0, was " + weightDecay);
        }
    }

    public ParameterGroup(List<Trainable> weights, double weightDecay) {
        this(weights, weightDecay, 1);
    }

    /// Two groups of this one: matrices, which decay, and vectors (biases, layer norms), which do not.
    public List<ParameterGroup> decayingMatrices() {
        return List.of(
                new ParameterGroup(
                        weights.stream().filter(w -> w.shape().rank() > 1).toList(), weightDecay, lrFactor),
                new ParameterGroup(weights.stream().filter(w -> w.shape().rank() <= 1).toList(), 0, lrFactor));
    }
}
