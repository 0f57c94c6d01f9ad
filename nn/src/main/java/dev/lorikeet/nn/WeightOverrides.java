package dev.lorikeet.nn;

import dev.lorikeet.autograd.Weight;
import java.util.Optional;

/// Weights that take the place of the store's frozen ones in one model: what is trained besides adapters.
@FunctionalInterface
public interface WeightOverrides {
    /// The weight to use instead of the base's own, or empty.
    Optional<Weight> at(WeightRequest wanted);

    /// Told by the model that the weight at `of` stands in a checkpoint as `path`, too: one weight with two names.
    default void repeats(String path, String of) {}

    /// Asked by the model where the weight at `path` is tied to the one at `to`: whether it stays the base's although
    /// that one has been replaced. Otherwise it follows.
    default boolean unties(String path, String to) {
        return false;
    }

    /// Overrides nothing: a frozen model.
    static WeightOverrides none() {
        return _ -> Optional.empty();
    }
}
