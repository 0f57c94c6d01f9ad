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
/// Every layer has a slot of `capacity` rows per sequence. All layers of a model append the same tokens in one forward
/// pass; [#advance] then makes them part of the past.
public final class KeyValueCache implements AutoCloseable {
    private final Backend backend;
    private final int capacity;
    private final int[] lengths;
    private final List<Layer> layers = new ArrayList<>();

    /// @param sequences number of sequences
    /// @param capacity  the most tokens a sequence can have
    public KeyValueCache(Backend backend, DType dtype, int layers, int sequences, int capacity, int width) {
        this.backend = backend;
        this.capacity = capacity;
        this.lengths = new int[sequences];
        for (int i = 0; i < layers; i++) {
            Shape shape = Shape.of(Math.multiplyExact(sequences, capacity), width);
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

    /// The keys and values of one layer, `(sequences·capacity, C)` each.
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

        /// Writes the keys and values of new tokens behind the old ones.
        ///
        /// @return where keys and values of each sequence lie now, the new ones included
        Sequences append(Kernels kernels, Tensor newKeys, Tensor newValues, Sequences added) {
            int[] starts = new int[lengths.length];
            int[] total = new int[lengths.length];
            for (int i = 0; i < lengths.length; i++) {
                int from = added.start(i);
                int to = from + added.length(i);
                if (lengths[i] + added.length(i) > capacity) {
                    throw new IllegalStateException("sequence %d would have %d tokens, the cache holds %d"
                            .formatted(i, lengths[i] + added.length(i), capacity));
                }
                starts[i] = i * capacity;
                total[i] = lengths[i] + added.length(i);
                int row = starts[i] + lengths[i];
                kernels.copy(keys.rows(row, row + to - from), newKeys.rows(from, to));
                kernels.copy(values.rows(row, row + to - from), newValues.rows(from, to));
            }
            return Sequences.slots(starts, total);
        }

        private void reorder(Kernels kernels, int[] from, int[] before) {
            Tensor[] moved = new Tensor[] {keys, values};
            for (Tensor tensor : moved) {
                Tensor copy = backend.allocate(tensor.dtype(), tensor.shape());
                kernels.copy(copy, tensor);
                for (int i = 0; i < from.length; i++) {
                    int rows = before[from[i]];
                    kernels.copy(
                            tensor.rows(i * capacity, i * capacity + rows),
                            copy.rows(from[i] * capacity, from[i] * capacity + rows));
                }
                backend.free(copy.storage());
            }
        }
    }
}
