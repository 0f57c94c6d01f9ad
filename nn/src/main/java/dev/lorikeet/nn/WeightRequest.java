package dev.lorikeet.nn;

import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.util.function.Supplier;

/// A weight that a model asks for while it is being built.
///
/// @param path        its name in the checkpoint
/// @param shape       extents
/// @param initializer what a new one is filled with
/// @param stored      whether the base has it; a head that is yet to be trained is in no checkpoint
/// @param base        gives the base's weight, loading it if need be
public record WeightRequest(
        String path, Shape shape, Initializer initializer, boolean stored, Supplier<Frozen> base) {
    /// New memory, in the compute type, to start training from: a copy of the base's weight, or what the initializer
    /// makes of `seed` where the base has none.
    public Tensor start(WeightStore store, long seed) {
        Tensor value = store.backend().allocate(store.compute(), shape);
        if (stored) {
            store.backend().kernels().copy(value, base.get().value());
        } else {
            initializer.fill(store.backend().kernels(), value, Initializer.key(seed, path));
        }
        return value;
    }
}
