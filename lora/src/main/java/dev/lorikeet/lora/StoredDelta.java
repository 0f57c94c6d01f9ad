package dev.lorikeet.lora;

import dev.lorikeet.autograd.op.ColumnSlice;
import java.util.List;

/// The update of one projection as a file holds it; see [LoraDelta].
///
/// @param a       `(G·r, in)`
/// @param b       `(Σ widths, r)`
/// @param columns the slices
/// @param out     number of columns of the projection
public record StoredDelta(StoredTensor a, StoredTensor b, Columns columns, int out) {
    /// An update of all columns.
    public static StoredDelta full(StoredTensor a, StoredTensor b) {
        return new StoredDelta(a, b, Columns.all(), b.shape().dim(0));
    }

    /// `r`.
    public int rank() {
        return b.shape().dim(1);
    }

    /// Number of inputs of the projection.
    public int in() {
        return a.shape().dim(1);
    }

    /// The slices in numbers.
    public List<ColumnSlice> slices(String path) {
        return columns.slices(path, out);
    }

    /// Number of trained numbers.
    public long parameterCount() {
        return a.shape().size() + b.shape().size();
    }
}
