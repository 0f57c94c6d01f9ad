package dev.lorikeet.lora;

import dev.lorikeet.autograd.op.ColumnSlice;
import dev.lorikeet.tensor.Backend;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// The update of one projection as a file holds it; see [LoraDelta].
///
/// @param a       `(G·r, in)`
/// @param b       `(Σ widths, r)`
/// @param columns the slices
/// @param out     number of columns of the projection
/// @param extras  what a variant of LoRA has beside A and B, by the name that PEFT's files give it ([Variant#tensors])
/// @param table   whether it updates an embedding table, whose rows are the inputs, rather than a projection
public record StoredDelta(
        StoredTensor a, StoredTensor b, Columns columns, int out, SortedMap<String, StoredTensor> extras,
        boolean table) {
    public StoredDelta {
        extras = Collections.unmodifiableSortedMap(new TreeMap<>(extras));
    }

    /// Plain LoRA.
    public StoredDelta(StoredTensor a, StoredTensor b, Columns columns, int out) {
        this(a, b, columns, out, Collections.emptySortedMap(), false);
    }

    /// An update of all columns.
    public static StoredDelta full(StoredTensor a, StoredTensor b) {
        return new StoredDelta(a, b, Columns.all(), b.shape().dim(0));
    }

    /// A copy of an update in device memory.
    static StoredDelta copyOf(Backend backend, LoraDelta delta) {
        StoredDelta plain = new StoredDelta(
                StoredTensor.copyOf(backend, delta.a().value()), StoredTensor.copyOf(backend, delta.b().value()),
                delta.columns(), delta.out());
        StoredDelta complete = delta.extra().stored(backend, plain);
        return delta.table() ? complete.ofTable() : complete;
    }

    /// The same update with something beside A and B.
    public StoredDelta with(SortedMap<String, StoredTensor> other) {
        return new StoredDelta(a, b, columns, out, other, table);
    }

    /// The same numbers as the update of an embedding table.
    public StoredDelta ofTable() {
        return new StoredDelta(a, b, columns, out, extras, true);
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
        return a.shape().size() + b.shape().size()
                + extras.values().stream().mapToLong(tensor -> tensor.shape().size()).sum();
    }
}
