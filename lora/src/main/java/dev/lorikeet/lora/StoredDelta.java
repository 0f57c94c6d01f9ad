package dev.lorikeet.lora;

import dev.lorikeet.autograd.op.ColumnSlice;
import dev.lorikeet.tensor.Backend;
import java.util.List;

/// The update of one projection as a file holds it; see [LoraDelta].
///
/// @param a       `(G·r, in)`
/// @param b       `(Σ widths, r)`
/// @param columns the slices
/// @param out     number of columns of the projection
/// @param extra   what a variant of LoRA has beside A and B
/// @param table   whether it updates an embedding table, whose rows are the inputs, rather than a projection
public record StoredDelta(
        StoredTensor a, StoredTensor b, Columns columns, int out, Extra extra, boolean table) {
    /// What a variant has beside A and B.
    public sealed interface Extra permits None, Dora, OutputBias {
        /// Its tensors.
        List<StoredTensor> tensors();
    }

    /// Nothing: plain LoRA.
    public record None() implements Extra {
        @Override
        public List<StoredTensor> tensors() {
            return List.of();
        }
    }

    /// The magnitudes of DoRA.
    ///
    /// @param magnitude `(out)`
    public record Dora(StoredTensor magnitude) implements Extra {
        @Override
        public List<StoredTensor> tensors() {
            return List.of(magnitude);
        }
    }

    /// The bias of B.
    ///
    /// @param bias `(out)`
    public record OutputBias(StoredTensor bias) implements Extra {
        @Override
        public List<StoredTensor> tensors() {
            return List.of(bias);
        }
    }

    /// Plain LoRA.
    public StoredDelta(StoredTensor a, StoredTensor b, Columns columns, int out) {
        this(a, b, columns, out, new None(), false);
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
        StoredDelta complete = switch (delta.extra()) {
            case LoraDelta.None _ -> plain;
            case dev.lorikeet.lora.Dora dora -> plain.with(
                    new Dora(StoredTensor.copyOf(backend, dora.magnitude().value())));
            case dev.lorikeet.lora.OutputBias bias -> plain.with(
                    new OutputBias(StoredTensor.copyOf(backend, bias.bias().value())));
            case Pissa(LoraDelta start) -> Pissa.doubled(plain, copyOf(backend, start));
        };
        return delta.table() ? complete.ofTable() : complete;
    }

    /// The same update with something beside A and B.
    public StoredDelta with(Extra other) {
        return new StoredDelta(a, b, columns, out, other, table);
    }

    /// The same numbers as the update of an embedding table.
    public StoredDelta ofTable() {
        return new StoredDelta(a, b, columns, out, extra, true);
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
                + extra.tensors().stream().mapToLong(tensor -> tensor.shape().size()).sum();
    }
}
