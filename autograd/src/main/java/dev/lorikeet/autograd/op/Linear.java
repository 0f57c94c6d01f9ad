package dev.lorikeet.autograd.op;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Grads;
import dev.lorikeet.autograd.Operand;
import dev.lorikeet.autograd.Saver;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.ShapeMismatch;
import dev.lorikeet.tensor.Tensor;

/// `y = x·Wᵀ + b     dx = dy·W     dW = dyᵀ·x     db = Σ dy` for `W (out, in)`,
/// `y = x·W + b      dx = dy·Wᵀ    dW = xᵀ·dy     db = Σ dy` for `W (in, out)`.
///
/// @param x     input `(…, in)`, needed only if W trains
/// @param w     weight, kept only if x needs a gradient
/// @param order how the weight is stored
public record Linear(Operand x, Tensor w, WeightOrder order) implements Op {
    /// @param bias `(out)`, or null
    public static Activation apply(Tape tape, Variable x, Variable w, Variable bias, WeightOrder order) {
        boolean outIn = order == WeightOrder.OUT_IN;
        Tensor weight = w.value();
        int in = weight.shape().dim(outIn ? 1 : 0);
        int out = weight.shape().dim(outIn ? 0 : 1);
        if (weight.shape().rank() != 2 || x.value().cols() != in) {
            throw new ShapeMismatch(
                    "linear", x.shape(), weight.shape(), "last extent must be %d (%s)".formatted(in, order));
        }
        if (bias != null && bias.value().size() != out) {
            throw new ShapeMismatch(
                    "linear", weight.shape(), bias.shape(), "bias must have %d elements".formatted(out));
        }
        Tensor y = tape.allocate(x.dtype(), x.shape().withLast(out));
        tape.kernels().gemm(y, x.value(), false, weight, outIn, 1, 0);
        if (bias == null) {
            return tape.record(Linear.class, y, save -> saved(tape, save, x, w, order), x, w);
        }
        tape.kernels().addBias(y, y, bias.value());
        return tape.record(Linear.class, y, save -> saved(tape, save, x, w, order), x, w, bias);
    }

    private static Linear saved(
            Tape tape, Saver save, Variable x, Variable w, WeightOrder order) {
        return new Linear(
                save.operand(tape.needsGrad(w), x), save.when(tape.needsGrad(x), w.value()), order);
    }

    @Override
    public void backward(Tensor dy, Grads grads) {
        boolean outIn = order == WeightOrder.OUT_IN;
        grads.into(0, (dx, beta) -> grads.kernels().gemm(dx, dy, false, w, !outIn, 1, beta));
        grads.into(1, (dw, beta) -> {
            if (outIn) {
                grads.kernels().gemm(dw, dy, true, x.value(grads), false, 1, beta);
            } else {
                grads.kernels().gemm(dw, x.value(grads), true, dy, false, 1, beta);
            }
        });
        if (grads.inputs() > 2) {
            grads.into(2, (db, beta) -> grads.kernels().sumRows(db, dy, beta));
        }
    }
}
