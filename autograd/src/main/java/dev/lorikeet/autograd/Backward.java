package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Tensor;

/// A recorded op as the [Tape] sees it: something that can hand a gradient on. The ops themselves are the records of
/// `dev.lorikeet.autograd.op`.
public interface Backward {
    /// Adds this op's contribution to the gradients of its inputs.
    ///
    /// @param dy gradient of the loss with respect to the op's result
    void backward(Tensor dy, Grads grads);
}
