package dev.lorikeet.autograd.op;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Grads;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;

/// Some rows of x, for instance those that have a label: `y[i] = x[rows[i]]     dx[rows[i]] += dy[i]`.
///
/// @param rows I32 row numbers
public record SelectRows(Tensor rows) implements Op {
    /// @param rows I32 `(M)`, each in `[0, N)`
    public static Activation apply(Tape tape, Variable x, Tensor rows) {
        Tensor y = tape.allocate(x.dtype(), Shape.of((int) rows.size(), x.value().cols()));
        tape.kernels().gatherRows(y, x.value(), rows, 0);
        return tape.record(SelectRows.class, y, save -> new SelectRows(save.keep(rows)), x);
    }

    @Override
    public void backward(Tensor dy, Grads grads) {
        grads.into(0, (dx, beta) -> grads.kernels().scatterAddRows(dx, dy, rows, beta));
    }
}
