package dev.lorikeet.lora;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Frame;
import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.op.Add;
import dev.lorikeet.autograd.op.EmbeddingSum;
import dev.lorikeet.autograd.op.MatMul;
import dev.lorikeet.autograd.op.Take;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.ShapeMismatch;
import dev.lorikeet.tensor.Tensor;

/// An embedding table with an update, `y = W[x] + s·(Aᵀ[x])·Bᵀ` (`Embedding` of loralib).
///
/// @param table   W `(V, C)`
/// @param a       `(r, V)`
/// @param b       `(C, r)`
/// @param scale   `s`
/// @param padding the id whose column of A gets no gradient, −1 for none; its value counts like any other
public record EmbeddingDelta(Weight table, Weight a, Weight b, double scale, int padding) {
    public EmbeddingDelta {
        boolean fits = a.shape().dim(1) == table.shape().dim(0)
                && b.shape().dim(0) == table.shape().dim(1)
                && a.shape().dim(0) == b.shape().dim(1);
        if (!fits) {
            throw new ShapeMismatch(table.name(), a.shape(), b.shape(),
                    "A must be (r, V) and B (C, r) for a table %s".formatted(table.shape()));
        }
    }

    /// @param ids `N` row numbers of the table
    /// @return `(N, C)`
    public Activation forward(Tape tape, int[] ids) {
        try (Frame frame = tape.frame()) {
            Activation y = EmbeddingSum.apply(tape, table, tape.ints(ids));                             // (N, C)
            return frame.keep(Add.apply(tape, y, scale, unscaled(tape, ids)));
        }
    }

    /// The update without its scale, `(Aᵀ[x])·Bᵀ (N, C)`.
    Activation unscaled(Tape tape, int[] ids) {
        return MatMul.apply(tape, columnsOfA(tape, ids), false, b, true);
    }

    /// The table with the update in it, `W + s·(B·A)ᵀ (V, C)`, in memory of the tape; the table itself stays as it is.
    public Tensor merged(Tape tape) {
        Tensor sum = tape.allocate(a.dtype(), table.shape());
        tape.kernels().copy(sum, table.value());
        tape.kernels().gemm(sum, a.value(), true, b.value(), true, scale, 1);
        return sum;
    }

    /// `Aᵀ[ids] (N, r)`. The padding's rows are taken from A as if it were frozen.
    private Activation columnsOfA(Tape tape, int[] ids) {
        Shape shape = Shape.of(ids.length, a.shape().dim(0));
        Activation taken = Take.apply(tape, a, tape.ints(indices(ids, false)), shape);
        boolean padded = false;
        for (int id : ids) {
            padded |= id == padding;
        }
        if (!padded) {
            return taken;
        }
        Frozen values = new Frozen(a.name(), a.value());
        return Add.apply(tape, taken, Take.apply(tape, values, tape.ints(indices(ids, true)), shape));
    }

    /// Where the element `(n, k)` of `Aᵀ[ids]` lies in A, −1 (for 0) unless `ids[n]` is, or is not, the padding.
    private int[] indices(int[] ids, boolean ofPadding) {
        int r = a.shape().dim(0);
        int V = a.shape().dim(1);
        int[] indices = new int[Math.multiplyExact(ids.length, r)];
        for (int n = 0; n < ids.length; n++) {
            if (ids[n] < 0 || ids[n] >= V) {
                throw new IllegalArgumentException("id %d is not in a table of %d rows".formatted(ids[n], V));
            }
            for (int k = 0; k < r; k++) {
                indices[n * r + k] = (ids[n] == padding) == ofPadding ? k * V + ids[n] : -1;
            }
        }
        return indices;
    }
}
