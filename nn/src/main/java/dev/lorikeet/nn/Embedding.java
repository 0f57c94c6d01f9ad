package dev.lorikeet.nn;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.op.Add;
import dev.lorikeet.autograd.op.EmbeddingSum;
import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Something that gives a row of numbers for an id: an [EmbeddingTable], or one with adapters.
public interface Embedding {
    /// The table itself, which a head that is tied to it multiplies by.
    Weight table();

    /// @param ids `N` row numbers
    /// @return `(N, C)`, a fresh activation
    Activation forward(Tape tape, int[] ids);

    /// The sum of some embeddings, `Σₖ embeddingₖ[idsₖ[i]]`; plain tables are summed as they are read.
    ///
    /// @return `(N, C)`
    static Activation sum(Tape tape, List<Embedding> embeddings, List<int[]> ids) {
        List<Variable> tables = new ArrayList<>();
        List<Tensor> rows = new ArrayList<>();
        List<Activation> others = new ArrayList<>();
        for (int k = 0; k < embeddings.size(); k++) {
            if (embeddings.get(k) instanceof EmbeddingTable table) {
                table.read(tape, ids.get(k), tables, rows);
            } else {
                others.add(embeddings.get(k).forward(tape, ids.get(k)));
            }
        }
        Activation sum = tables.isEmpty()
                ? others.removeFirst()
                : EmbeddingSum.apply(tape, tables.toArray(Variable[]::new), rows.toArray(Tensor[]::new));
        for (Activation other : others) {
            sum = Add.apply(tape, sum, other);
        }
        return sum;
    }
}
