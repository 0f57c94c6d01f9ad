package dev.lorikeet.nn;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;

/// Where the tensors of a base model come from: a checkpoint, or random numbers.
@FunctionalInterface
public interface WeightSource {
    /// The tensor called `path`.
    ///
    /// @param initializer what a source without a file fills a new tensor with
    /// @throws RuntimeException if a file has no such tensor or another shape
    Tensor load(Backend backend, String path, Shape shape, Initializer initializer);

    /// Whether this source has a tensor called `path`; random sources have every one.
    default boolean has(String path) {
        return true;
    }

    /// Told that a tensor of [#load] will not be used again, because it was converted to another type. A source that
    /// had allocated it frees it.
    default void converted(Backend backend, Tensor loaded) {}

    /// Freshly initialised F32 weights; each depends on the seed and its own path only.
    static WeightSource random(long seed) {
        return new WeightSource() {
            @Override
            public Tensor load(Backend backend, String path, Shape shape, Initializer initializer) {
                Tensor weight = backend.allocate(DType.F32, shape);
                initializer.fill(backend.kernels(), weight, Initializer.key(seed, path));
                return weight;
            }

            @Override
            public void converted(Backend backend, Tensor loaded) {
                backend.free(loaded.storage());
            }
        };
    }
}
