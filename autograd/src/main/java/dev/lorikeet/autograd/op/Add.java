package dev.lorikeet.autograd.op;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Grads;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.ShapeMismatch;
import dev.lorikeet.tensor.Tensor;

/// `y = a + α·b     da = dy     db = α·dy`, both operands of one shape: the residual connection.
///
/// @param alpha factor of the second operand
public record Add(double alpha) implements Op {
    /// `a + b`.
    public static Activation apply(Tape tape, Variable a, Variable b) {
        return apply(tape, a, 1, b);
    }

    /// `a + alpha·b`.
    public static Activation apply(Tape tape, Variable a, double alpha, Variable b) {
        if (!a.shape().equals(b.shape())) {
            throw new ShapeMismatch("add", a.shape(), b.shape(), "must be equal");
        }
        Tensor y = tape.allocate(a.dtype(), a.shape());
        if (alpha == 1) {
            tape.kernels().add(y, a.value(), b.value());
        } else {
            tape.kernels().copy(y, a.value());
            tape.kernels().axpby(y, alpha, b.value(), 1);
        }
        return tape.record(Add.class, y, _ -> new Add(alpha), a, b);
    }

    @Override
    public void backward(Tensor dy, Grads grads) {
        grads.pass(0);
        if (alpha == 1) {
            grads.pass(1);
        } else {
            grads.into(1, (db, beta) -> grads.kernels().axpby(db, alpha, dy, beta));
        }
    }
}
