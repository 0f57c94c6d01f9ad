package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.ShapeMismatch;
import dev.lorikeet.tensor.Tensor;

/// A weight that an optimizer updates, with its gradient.
///
/// The gradient buffer is never cleared: [#clearGrad] only remembers that the next contribution overwrites (`beta =
/// 0`); further ones, of the same backward pass or of the next micro-batch, are added (`beta = 1`).
public final class Trainable implements Weight {
    private final String name;
    private final Tensor value;
    private final Tensor grad;
    private boolean hasGrad;

    /// @param grad a contiguous tensor of the same type and shape, content irrelevant
    public Trainable(String name, Tensor value, Tensor grad) {
        if (!grad.shape().equals(value.shape())) {
            throw new ShapeMismatch("gradient of " + name, value.shape(), grad.shape(), "must be equal");
        }
        if (grad.dtype() != value.dtype() || !grad.isContiguous()) {
            throw new IllegalArgumentException(
                    "the gradient of %s must be contiguous and of type %s, was %s with row stride %d"
                            .formatted(name, value.dtype(), grad, grad.rowStride()));
        }
        this.name = name;
        this.value = value;
        this.grad = grad;
    }

    /// A trainable weight whose gradient buffer is allocated on `backend`.
    public static Trainable of(Backend backend, String name, Tensor value) {
        return new Trainable(name, value, backend.allocate(value.dtype(), value.shape()));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Tensor value() {
        return value;
    }

    /// The gradient accumulated since [#clearGrad]; meaningless while [#hasGrad] is false.
    public Tensor grad() {
        return grad;
    }

    /// Whether any backward pass has contributed since [#clearGrad].
    public boolean hasGrad() {
        return hasGrad;
    }

    /// Forgets the gradient.
    public void clearGrad() {
        hasGrad = false;
    }

    /// Adds to the gradient, overwriting it if it was cleared.
    void accumulate(Grads.Contribution contribution) {
        contribution.add(grad, hasGrad ? 1 : 0);
        hasGrad = true;
    }

    @Override
    public String toString() {
        return "Trainable[" + name + " " + value + "]";
    }
}
