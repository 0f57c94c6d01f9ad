package dev.lorikeet.lora;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.nn.Initializer;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;

/// Makes new weights of one update.
///
/// @param names  what they are called
/// @param config of the adapter
/// @param store  the base's weights
/// @param seed   of the adapter; each weight depends on it and its own path only
/// @param site   where the update goes
record FreshParts(WeightNames names, LoraConfig config, WeightStore store, long seed, Site site) {
    /// A weight beside A and B.
    ///
    /// @param tensor one of [Variant#tensors]
    Trainable beside(String tensor, Shape shape, Initializer initializer) {
        return weight(names.beside(site.path(), tensor), shape, initializer, tensor);
    }

    /// The same with a first value, memory of its own.
    Trainable beside(String tensor, Tensor value) {
        return Trainable.of(store.backend(), names.beside(site.path(), tensor), value);
    }

    /// @param part which random numbers it gets
    Trainable weight(String name, Shape shape, Initializer initializer, String part) {
        Tensor value = store.backend().allocate(store.compute(), shape);
        initializer.fill(store.backend().kernels(), value, Initializer.key(seed, site.path() + "." + part));
        return Trainable.of(store.backend(), name, value);
    }
}
