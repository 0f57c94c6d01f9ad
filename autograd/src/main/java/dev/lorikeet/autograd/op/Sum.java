package dev.lorikeet.autograd.op;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Grads;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;

/// `y = α·Σ x` over all elements, a tensor of one element.     `dx = α·dy` everywhere.
///
/// @param ones  shape-holder of x filled with 1, kept so that the backward is one kernel
/// @param alpha factor
public record Sum(Tensor ones, double alpha) implements Op {
    public static Activation apply(Tape tape, Variable x, double alpha) {
        Tensor y = tape.allocate(x.dtype(), Shape.of(1));
        tape.kernels().sum(y, x.value(), alpha);
        return tape.record(
                Sum.class,
                y,
                save -> {
                    Tensor ones = tape.allocate(x.dtype(), x.shape());
                    tape.kernels().fill(ones, 1);
                    return new Sum(save.keep(ones), alpha);
                },
                x);
    }

    @Override
    public void backward(Tensor dy, Grads grads) {
        grads.into(0, (dx, beta) -> {
            Tensor scaled = grads.temporary(dy.dtype(), dy.shape());
            grads.kernels().axpby(scaled, alpha, dy, 0);
            grads.kernels().scaleBy(dx, scaled, ones, beta);
        });
    }
}
