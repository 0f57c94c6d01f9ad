package dev.lorikeet.nn;

import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.tensor.Shape;

/// Makes the projections and embedding tables of a model while it is being built. This is the seam at which adapters
/// are injected: a model asks for each of them by name and does not know whether it gets a plain [Linear] or
/// [EmbeddingTable], or an adapted one.
@FunctionalInterface
public interface Projections {
    /// @param at scope of the projection itself: its weight is `at.get("weight", …)`
    Projection create(Weights at, int in, int out, WeightOrder order, Initializer initializer);

    /// An embedding table with the weight `at.get("weight", (rows, cols))`.
    ///
    /// @param order   of the table if a head multiplies by it too, null if it is only looked up in
    /// @param padding the id whose row gets no gradient from lookups, −1 for none
    default Embedding embedding(Weights at, int rows, int cols, WeightOrder order, Initializer initializer,
            int padding) {
        return new EmbeddingTable(at.get("weight", Shape.of(rows, cols), initializer, order), padding);
    }

    /// Plain frozen projections.
    static Projections plain() {
        return Linear::new;
    }
}
