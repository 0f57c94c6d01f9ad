package dev.lorikeet.autograd.op;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Grads;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.ShapeMismatch;
import dev.lorikeet.tensor.Tensor;

/// `y[i] = Σₖ tableₖ[idsₖ[i]]`, the sum of some embeddings (token, position, …).     `dtableₖ[idsₖ[i]] += dy[i]`.
///
/// @param ids        one I32 tensor `(N)` per table; a negative id contributes nothing
public record EmbeddingSum(Tensor[] ids) implements Op {
    /// One table.
    public static Activation apply(Tape tape, Variable table, Tensor ids) {
        return apply(tape, new Variable[] {table}, new Tensor[] {ids});
    }

    /// The sum over several tables `(V, C)`.
    public static Activation apply(Tape tape, Variable[] tables, Tensor[] ids) {
        Tensor first = tables[0].value();
        // a half-precision table is widened: activations are never narrower than F32
        Tensor y = tape.allocate(
                first.dtype().bytes() < 4 ? DType.F32 : first.dtype(),
                Shape.of((int) ids[0].size(), first.cols()));
        for (int k = 0; k < tables.length; k++) {
            if (tables[k].value().cols() != first.cols() || ids[k].size() != ids[0].size()) {
                throw new ShapeMismatch("embedding", first.shape(), tables[k].shape(), "tables or ids do not match");
            }
            tape.kernels().gatherRows(y, tables[k].value(), ids[k], k == 0 ? 0 : 1);
        }
        return tape.record(
                EmbeddingSum.class,
                y,
                save -> {
                    Tensor[] kept = new Tensor[ids.length];
                    for (int k = 0; k < ids.length; k++) {
                        kept[k] = save.when(tape.needsGrad(tables[k]), ids[k]);
                    }
                    return new EmbeddingSum(kept);
                },
                tables);
    }

    @Override
    public void backward(Tensor dy, Grads grads) {
        for (int k = 0; k < ids.length; k++) {
            Tensor looked = ids[k];
            grads.into(k, (dtable, beta) -> grads.kernels().scatterAddRows(dtable, dy, looked, beta));
        }
    }
}
