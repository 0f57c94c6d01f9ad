package dev.lorikeet.autograd.op;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Grads;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;

/// `y = softmax(x)` over each row, row `i` seeing columns `0 … i + visible`.     `dx = y∘(dy − Σ(dy∘y))`.
///
/// @param y the result, kept
public record Softmax(Tensor y) implements Op {
    /// A value of `visible` that hides nothing.
    public static final int ALL = Integer.MAX_VALUE / 2;

    public static Activation apply(Tape tape, Variable x, int visible) {
        Tensor y = tape.allocate(x.dtype(), x.shape());
        tape.kernels().softmax(y, x.value(), visible);
        return tape.record(Softmax.class, y, save -> new Softmax(save.keep(y)), x);
    }

    @Override
    public void backward(Tensor dy, Grads grads) {
        grads.into(0, (dx, beta) -> grads.kernels().softmaxBackward(dx, dy, y, beta));
    }
}
