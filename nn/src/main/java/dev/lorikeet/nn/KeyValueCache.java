package dev.lorikeet.nn;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Keys and values of the tokens that a model has seen, so that generating the next one costs one row per sequence.
///
/// They are laid out for the read: each head of each sequence has a slot of `capacity` rows of its own, so that
/// attention over the past follows one run of memory. (In rows as wide as the model, a head would read 256 bytes here
/// and there.) To attention a head of a sequence is then a sequence with one head.
///
/// All layers of a model append the same tokens in one forward pass; [#advance] then makes them part of the past.
public final class KeyValueCache implements AutoCloseable {
    private final Backend backend;
    private final int heads;
    private final int capacity;
    private final int[] lengths;
    private final List<Layer> layers = new ArrayList<>();

    /// @param sequences number of sequences
    /// @param capacity  the most tokens a sequence can have
    /// @param heads     heads of each layer
    /// @param width     columns of all heads together
    public KeyValueCache(
            Backend backend, DType dtype, int layers, int sequences, int capacity, int heads, int width) {
        this.backend = backend;
        this.heads = heads;
        this.capacity = capacity;
        this.lengths = new int[sequences];
        Shape shape = Shape.of(Math.multiplyExact(Math.multiplyExact(sequences, heads), capacity), width / heads);
        for (int i = 0; i < layers; i++) {
            this.layers.add(new Layer(backend.allocate(dtype, shape), backend.allocate(dtype, shape)));
        }
    }

    /// The cache of layer `i`.
    public Layer layer(int i) {
        return layers.get(i);
    }

    /// Number of tokens that sequence `i` has behind it.
    public int length(int i) {
        return lengths[i];
    }

    /// Number of sequences.
    public int count() {
        return lengths.length;
    }

    /// Makes the tokens of the forward pass that has just been run part of the past.
    public void advance(Sequences added) {
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] += added.length(i);
        }
    }

    /// Sequence `i` is again what it was before its last token.
    public void forgetLast(int i) {
        lengths[i]--;
    }

    /// Forgets everything.
    public void clear() {
        Arrays.fill(lengths, 0);
    }

    /// Sequence `i` becomes a copy of what sequence `from[i]` was, as beam search needs it.
    public void reorder(int[] from) {
        int[] before = lengths.clone();
        for (Layer layer : layers) {
            layer.reorder(backend.kernels(), from, before);
        }
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = before[from[i]];
        }
    }

    @Override
    public void close() {
        for (Layer layer : layers) {
            backend.free(layer.keys.storage());
            backend.free(layer.values.storage());
        }
        layers.clear();
    }

    /// First row of the slot of a head.
    private int slot(int sequence, int head) {
        return (sequence * heads + head) * capacity;
    }

    /// The keys and values of one layer, `(sequences·heads·capacity, d)` each.
    public final class Layer {
        private final Tensor keys;
        private final Tensor values;

        private Layer(Tensor keys, Tensor values) {
            this.keys = keys;
            this.values = values;
        }

        public Tensor keys() {
            return keys;
        }

        public Tensor values() {
            return values;
        }

        /// New tokens attend to what the cache holds of their sequences, and join it.
        public Attend after(Sequences added) {
            return new CachedAttend(this, added, null);
        }

        /// The same for some rows of the result only; all rows join the cache.
        ///
        /// @param rows I32 `(M)`
        public Attend after(Sequences added, Tensor rows) {
            return new CachedAttend(this, added, rows);
        }

        /// Whether no sequence has a past.
        boolean isEmpty() {
            return Arrays.stream(lengths).allMatch(length -> length == 0);
        }

        /// Writes the keys and values of new tokens, `(N, C)`, behind the old ones.
        ///
        /// @return where keys and values of each head of each sequence lie now, the new ones included
        Sequences append(Kernels kernels, Tensor newKeys, Tensor newValues, Sequences added) {
            int[] starts = new int[lengths.length * heads];
            int[] total = new int[lengths.length * heads];
            for (int i = 0; i < lengths.length; i++) {
                if (lengths[i] + added.length(i) > capacity) {
                    throw new IllegalStateException("sequence %d would have %d tokens, the cache holds %d"
                            .formatted(i, lengths[i] + added.length(i), capacity));
                }
                for (int h = 0; h < heads; h++) {
                    starts[i * heads + h] = slot(i, h);
                    total[i * heads + h] = lengths[i] + added.length(i);
                }
                append(kernels, keys, newKeys, i, added);
                append(kernels, values, newValues, i, added);
            }
            return Sequences.slots(starts, total);
        }

        /// One token's heads are copied at once: as rows that lie a slot apart.
        private void append(Kernels kernels, Tensor cached, Tensor added, int i, Sequences rows) {
            int d = cached.cols();
            Tensor mine = added.rows(rows.start(i), rows.start(i) + rows.length(i));
            if (mine.rows() == 1) {
                long first = ((long) slot(i, 0) + lengths[i]) * d;
                Tensor apart = new Tensor(cached.storage(), cached.dtype(), Shape.of(heads, d), first, capacity * d);
                kernels.copy(apart, mine.reshape(Shape.of(heads, d)));
                return;
            }
            for (int h = 0; h < heads; h++) {
                int row = slot(i, h) + lengths[i];
                kernels.copy(cached.rows(row, row + mine.rows()), mine.cols(h * d, (h + 1) * d));
            }
        }

        private void reorder(Kernels kernels, int[] from, int[] before) {
            for (Tensor tensor : new Tensor[] {keys, values}) {
                Tensor copy = backend.allocate(tensor.dtype(), tensor.shape());
                kernels.copy(copy, tensor);
                for (int i = 0; i < from.length; i++) {
                    int rows = before[from[i]];
                    for (int h = 0; h < heads && from[i] != i; h++) {
                        kernels.copy(
                                tensor.rows(slot(i, h), slot(i, h) + rows),
                                copy.rows(slot(from[i], h), slot(from[i], h) + rows));
                    }
                }
                backend.free(copy.storage());
            }
        }
    }
}
