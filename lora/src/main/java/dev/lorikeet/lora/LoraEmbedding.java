package dev.lorikeet.lora;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Frame;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.op.Add;
import dev.lorikeet.autograd.op.EmbeddingSum;
import dev.lorikeet.nn.Embedding;
import java.util.List;

/// An embedding table with the updates of all active adapters, `y = W[x] + Σ s·(Aᵀ[x])·Bᵀ`, or with one of direction
/// and magnitude, `y = g∘(W[x] + s·(Aᵀ[x])·Bᵀ)`, `g = m/‖W + s·(B·A)ᵀ‖` over each column of the table.
///
/// Only lookups see the update. A head that is tied to the table goes on multiplying by the table alone, as in PEFT.
///
/// @param path    the table's path in the model
/// @param table   W `(V, C)`
/// @param deltas  one per active adapter, A `(r, V)` and B `(C, r)`
/// @param padding the id whose column of A gets no gradient, −1 for none
/// @param tied    whether a head multiplies by the table
public record LoraEmbedding(String path, Weight table, List<LoraDelta> deltas, int padding, boolean tied)
        implements Embedding {
    public LoraEmbedding {
        AdaptedProjection.requireAlone(path, deltas);
        deltas = List.copyOf(deltas);
    }

    @Override
    public Activation forward(Tape tape, int[] ids) {
        try (Frame frame = tape.frame()) {
            Activation y = EmbeddingSum.apply(tape, table, tape.ints(ids));                             // (N, C)
            for (LoraDelta delta : deltas) {
                EmbeddingDelta update = new EmbeddingDelta(table, delta.a(), delta.b(), delta.scale(), padding);
                y = Add.apply(tape, y, delta.scale(), update.unscaled(tape, ids));
            }
            return frame.keep(deltas.getFirst().extra().ofTable(tape, y, deltas.getFirst(), table));
        }
    }
}
