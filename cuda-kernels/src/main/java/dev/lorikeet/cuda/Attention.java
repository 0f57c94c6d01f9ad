package dev.lorikeet.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Philox;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;

/// Attention over ragged sequences: `attention.cu`.
final class Attention {
    private static final String SOURCE = "attention";
    /// Head sizes for which there are kernels; others are filled up with zeros to the next one.
    private static final int[] HEAD_SIZES = {32, 64, 96, 128};
    private static final int SPEC_BYTES = 48;
    private static final int GAP = 4;

    /// The kernels for one padded head size.
    private record Kernels(int headSize, Kernel forward, Kernel delta, Kernel queries, Kernel keys) {
        static Kernels of(int size) {
            return new Kernels(size, new Kernel(SOURCE, "attention_" + size),
                    new Kernel(SOURCE, "attention_weights_delta_" + size),
                    new Kernel(SOURCE, "attention_backward_queries_" + size),
                    new Kernel(SOURCE, "attention_backward_keys_" + size));
        }

        int forwardTile() {
            return headSize <= 64 ? 64 : 32;
        }

        int backwardTile() {
            return 32;
        }

        /// Bytes of `matrices` (tile, head size) and `scores` (tile, tile) in shared memory.
        int shared(int tile, int matrices, int scores) {
            return 4 * tile * (matrices * (headSize + GAP) + scores * (tile + GAP));
        }
    }

    private static final Kernels[] KERNELS =
            IntStream.of(HEAD_SIZES).mapToObj(Kernels::of).toArray(Kernels[]::new);
    private static final Kernel DELTA = new Kernel(SOURCE, "attention_delta");

    private final Stream stream;
    private final Tiles tiles;

    Attention(Stream stream) {
        this.stream = stream;
        this.tiles = new Tiles(stream);
    }

    private static Kernels kernels(int headSize) {
        for (Kernels kernels : KERNELS) {
            if (headSize <= kernels.headSize()) {
                return kernels;
            }
        }
        throw new IllegalArgumentException("attention on cuda takes heads of up to %d numbers, these have %d"
                .formatted(HEAD_SIZES[HEAD_SIZES.length - 1], headSize));
    }

    void forward(Tensor out, Tensor lse, Tensor q, Tensor k, Tensor v, Sequences queries, Sequences keys,
            AttentionSpec spec) {
        Kernels kernels = kernels(q.cols() / spec.heads());
        int tile = kernels.forwardTile();
        Tiles.Plan plan = tiles.of(queries, keys, tile, false);
        if (plan.count() > 0) {
            Arguments arguments = stream.arguments().floats(out).floats(lse).floats(q).floats(k).floats(v)
                    .whole(plan.address());
            write(spec, q, queries, arguments);
            stream.launch(kernels.forward(), plan.count(), spec.heads(), 4 * tile, kernels.shared(tile, 3, 1));
        }
    }

    void backward(Tensor dq, Tensor dk, Tensor dv, Tensor delta, Tensor dout, Tensor out, Tensor lse, Tensor q,
            Tensor k, Tensor v, Sequences queries, Sequences keys, AttentionSpec spec, double beta) {
        int headSize = q.cols() / spec.heads();
        Kernels kernels = kernels(headSize);
        int tile = kernels.backwardTile();
        Tiles.Plan ofQueries = tiles.of(queries, keys, tile, false);
        if (out != null && delta.size() > 0) {
            stream.arguments().floats(delta).floats(dout).floats(out).integer(headSize);
            stream.launch(DELTA, Grids.across(delta.size(), Grids.THREADS / 32), 1, Grids.THREADS);
        } else if (ofQueries.count() > 0) {
            Arguments arguments = stream.arguments().floats(delta).floats(dout).floats(lse).floats(q).floats(k)
                    .floats(v).whole(ofQueries.address());
            write(spec, q, queries, arguments);
            stream.launch(kernels.delta(), ofQueries.count(), spec.heads(), 4 * tile, kernels.shared(tile, 4, 0));
        }
        if (dq != null && ofQueries.count() > 0) {
            Arguments arguments = stream.arguments().floats(dq);
            write(arguments, delta, dout, lse, q, k, v, ofQueries);
            write(spec, q, queries, arguments);
            arguments.single(beta);
            stream.launch(kernels.queries(), ofQueries.count(), spec.heads(), 4 * tile, kernels.shared(tile, 4, 1));
        }
        Tiles.Plan ofKeys = tiles.of(queries, keys, tile, true);
        if ((dk != null || dv != null) && ofKeys.count() > 0) {
            Arguments arguments = stream.arguments().floats(dk).floats(dv);
            write(arguments, delta, dout, lse, q, k, v, ofKeys);
            write(spec, q, queries, arguments);
            arguments.single(beta);
            stream.launch(kernels.keys(), ofKeys.count(), spec.heads(), 4 * tile, kernels.shared(tile, 4, 2));
        }
    }

    private static void write(Arguments arguments, Tensor delta, Tensor dout, Tensor lse, Tensor q, Tensor k,
            Tensor v, Tiles.Plan plan) {
        arguments.floats(delta).floats(dout).floats(lse).floats(q).floats(k).floats(v).whole(plan.address());
    }

    /// `struct Spec`.
    private static void write(AttentionSpec spec, Tensor q, Sequences queries, Arguments arguments) {
        MemorySegment to = arguments.value(SPEC_BYTES, 8);
        to.set(JAVA_INT, 0, q.cols() / spec.heads());
        to.set(JAVA_FLOAT, 4, (float) spec.scale());
        to.set(JAVA_INT, 8, spec.causal() ? 1 : 0);
        to.set(JAVA_FLOAT, 12, (float) (1 / (1 - spec.dropout())));
        to.set(JAVA_LONG, 16, spec.dropout() == 0 ? 0 : Philox.keepThreshold(spec.dropout()));
        to.set(JAVA_LONG, 24, queries.rows());
        to.set(JAVA_LONG, 32, spec.key() == null ? 0 : spec.key().seed());
        to.set(JAVA_LONG, 40, spec.key() == null ? 0 : spec.key().stream());
    }

    long bytes() {
        return tiles.bytes();
    }
}
