package dev.lorikeet.autograd.op;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Grads;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.ShapeMismatch;
import dev.lorikeet.tensor.Tensor;

/// `y = a∘b     da = dy∘b     db = dy∘a`, element by element, both operands of one shape.
///
/// @param a kept only if b needs a gradient
/// @param b kept only if a needs a gradient
public record Multiply(Tensor a, Tensor b) implements Op {
    public static Activation apply(Tape tape, Variable a, Variable b) {
        if (!a.shape().equals(b.shape())) {
            throw new ShapeMismatch("multiply", a.shape(), b.shape(), "must be equal");
        }
        Tensor y = tape.allocate(a.dtype(), a.shape());
        tape.kernels().multiply(y, a.value(), b.value(), 0);
        return tape.record(
                Multiply.class,
                y,
                save -> new Multiply(
                        save.when(tape.needsGrad(b), a.value()), save.when(tape.needsGrad(a), b.value())),
                a, b);
    }

    @Override
    public void backward(Tensor dy, Grads grads) {
        grads.into(0, (da, beta) -> grads.kernels().multiply(da, dy, b, beta));
        grads.into(1, (db, beta) -> grads.kernels().multiply(db, dy, a, beta));
    }
}
