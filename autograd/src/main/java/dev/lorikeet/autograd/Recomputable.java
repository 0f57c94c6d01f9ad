package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Tensor;

/// An op whose result costs little to compute again, in its backward pass, from what the op keeps anyway. Other ops
/// that need the result in their own backward do not keep it then; see [Operand].
public interface Recomputable {
    /// Whether everything that [#recompute] needs was kept.
    boolean isRecomputable();

    /// `y ←` the result, bit for bit as the forward computed it.
    void recompute(Tensor y, Grads grads);
}
