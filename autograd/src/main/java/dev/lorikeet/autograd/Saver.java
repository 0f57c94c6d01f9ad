package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Tensor;

/// Notes which tensors an op keeps for its backward.
@FunctionalInterface
public interface Saver {
    /// Keeps `tensor` until the op's backward has run; returns it.
    Tensor keep(Tensor tensor);

    /// Keeps `tensor` if `needed`, otherwise returns null.
    default Tensor when(boolean needed, Tensor tensor) {
        return needed && tensor != null ? keep(tensor) : null;
    }
}
