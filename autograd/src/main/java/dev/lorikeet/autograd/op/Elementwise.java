package dev.lorikeet.autograd.op;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Grads;
import dev.lorikeet.autograd.Recomputable;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.UnaryFunction;

/// `y = f(x)     dx = dy∘f′(x)`, element by element.
///
/// @param x kept for the derivative, and enough to compute y again
/// @param f the function
public record Elementwise(Tensor x, UnaryFunction f) implements Op, Recomputable {
    public static Activation apply(Tape tape, Variable x, UnaryFunction f) {
        Tensor y = tape.recomputableResult(x);
        tape.kernels().map(y, x.value(), f);
        return tape.record(Elementwise.class, y, save -> new Elementwise(save.keep(x.value()), f), x);
    }

    @Override
    public boolean isRecomputable() {
        return true;
    }

    @Override
    public void recompute(Tensor y, Grads grads) {
        grads.kernels().map(y, x, f);
    }

    @Override
    public void backward(Tensor dy, Grads grads) {
        grads.inPlace(0, (dx, beta) -> grads.kernels().mapBackward(dx, dy, x, f, beta));
    }
}
