package dev.lorikeet.autograd.op;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Grads;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;

/// `y = α·Σ x` over all elements, a tensor of one element.     `dx = α·dy` everywhere.
///
/// @param alpha factor
public record Sum(double alpha) implements Op {
    public static Activation apply(Tape tape, Variable x, double alpha) {
        Tensor y = tape.allocate(x.dtype(), Shape.of(1));
        tape.kernels().sum(y, x.value(), alpha);
        return tape.record(Sum.class, y, _ -> new Sum(alpha), x);
    }

    @Override
    public void backward(Tensor dy, Grads grads) {
        grads.into(0, (dx, beta) -> {
            Tensor alphas = grads.temporary(dx.dtype(), dx.shape());
            grads.kernels().fill(alphas, alpha);
            grads.kernels().scaleBy(dx, dy, alphas, beta);
        });
    }
}
