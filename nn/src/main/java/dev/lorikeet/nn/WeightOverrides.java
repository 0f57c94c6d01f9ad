package dev.lorikeet.nn;

import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.Weight;
import java.util.Optional;
import java.util.function.Supplier;

/// Weights that take the place of the store's frozen ones in one model: what is trained besides adapters.
@FunctionalInterface
public interface WeightOverrides {
    /// The weight to use at `path`, or empty for the base's own.
    ///
    /// @param base gives the base's weight, for instance to start from a copy of it
    Optional<Weight> at(String path, Supplier<Frozen> base);

    /// Overrides nothing: a frozen model.
    static WeightOverrides none() {
        return (_, _) -> Optional.empty();
    }
}
