package dev.lorikeet.nn;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.op.EmbeddingSum;
import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A plain embedding table; see [dev.lorikeet.autograd.op.EmbeddingSum].
///
/// @param table   `(V, C)`
/// @param padding the id whose row is looked up like any other but gets no gradient from it (`padding_idx` of PyTorch's
///                `Embedding`), −1 for none
public record EmbeddingTable(Weight table, int padding) implements Embedding {
    @Override
    public Activation forward(Tape tape, int[] ids) {
        List<Variable> tables = new ArrayList<>();
        List<Tensor> rows = new ArrayList<>();
        read(tape, ids, tables, rows);
        return EmbeddingSum.apply(tape, tables.toArray(Variable[]::new), rows.toArray(Tensor[]::new));
    }

    /// Adds what has to be summed: the table, and once more as a constant where it trains and there is padding.
    void read(Tape tape, int[] ids, List<Variable> tables, List<Tensor> rows) {
        tables.add(table);
        if (table instanceof Frozen || Arrays.stream(ids).noneMatch(id -> id == padding)) {
            rows.add(tape.ints(ids));
            return;
        }
        rows.add(tape.ints(Arrays.stream(ids).map(id -> id == padding ? -1 : id).toArray()));
        tables.add(tape.constant(table.value()));
        rows.add(tape.ints(Arrays.stream(ids).map(id -> id == padding ? id : -1).toArray()));
    }
}
