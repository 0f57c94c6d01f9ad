package dev.lorikeet.autograd.op;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Grads;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;

/// `y = α·x     dx = α·dy`.
public record Scale(double alpha) implements Op {
    public static Activation apply(Tape tape, Variable x, double alpha) {
        Tensor y = tape.allocate(x.dtype(), x.shape());
        tape.kernels().axpby(y, alpha, x.value(), 0);
        return tape.record(Scale.class, y, _ -> new Scale(alpha), x);
    }

    @Override
    public void backward(Tensor dy, Grads grads) {
        grads.into(0, (dx, beta) -> grads.kernels().axpby(dx, alpha, dy, beta));
    }
}
