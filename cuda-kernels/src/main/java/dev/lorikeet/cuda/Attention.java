package dev.lorikeet.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.lorikeet.cuda.AttentionKernels.Tiled;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Philox;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/// Attention over ragged sequences: `attention_*.cu`. Scores on tensor cores where the math mode allows inputs to be
/// rounded, on the ordinary cores in F32 where it does not.
final class Attention {
    private static final int SPEC_BYTES = 32 + Arguments.KEY;
    private static final Kernel ROW_SUMS = new Kernel("attention_row_sums", "attention_row_sums");

    private final Stream stream;
    private final Tiles tiles;
    private final DecodeAttention decode;
    private final MathMode mode;
    private final Map<Integer, AttentionKernels> byHeadSize = new HashMap<>();

    Attention(Stream stream, MathMode mode) {
        this.stream = stream;
        this.tiles = new Tiles(stream);
        this.decode = new DecodeAttention(stream, tiles);
        this.mode = mode;
    }

    private AttentionKernels kernels(int headSize) {
        return byHeadSize.computeIfAbsent(headSize, size -> AttentionKernels.of(mode, size,
                stream.sharedBytesOfBlock()));
    }

    void forward(Tensor out, Tensor lse, Tensor q, Tensor k, Tensor v, Sequences queries, Sequences keys,
            AttentionSpec spec) {
        Tiled kernel = kernels(q.cols() / spec.heads()).forward();
        if (DecodeAttention.takes(queries, keys)) {
            decode.forward(out, lse, q, k, v, queries, keys, spec);
            return;
        }
        Tiles.Plan plan = tiles.of(queries, keys, kernel.rows(), false);
        if (plan.count() > 0) {
            Arguments arguments = stream.arguments().floats(out).floats(lse).floats(q).floats(k).floats(v)
                    .whole(plan.address());
            write(spec, q, arguments);
            launch(kernel, plan, spec);
        }
    }

    void backward(Tensor dq, Tensor dk, Tensor dv, Tensor delta, Tensor dout, Tensor out, Tensor lse, Tensor q,
            Tensor k, Tensor v, Sequences queries, Sequences keys, AttentionSpec spec, double beta) {
        int headSize = q.cols() / spec.heads();
        AttentionKernels kernels = kernels(headSize);
        Tiles.Plan ofQueries = tiles.of(queries, keys, kernels.queries().rows(), false);
        if (out != null && delta.size() > 0) {
            stream.arguments().floats(delta).floats(dout).floats(out).integer(headSize);
            stream.launch(ROW_SUMS, Grids.across(delta.size(), Grids.THREADS / 32), 1, Grids.THREADS);
        } else if (ofQueries.count() > 0) {
            Arguments arguments = stream.arguments().floats(delta).floats(dout).floats(lse).floats(q).floats(k)
                    .floats(v).whole(ofQueries.address());
            write(spec, q, arguments);
            launch(kernels.delta(), ofQueries, spec);
        }
        if (dq != null && ofQueries.count() > 0) {
            Arguments arguments = stream.arguments().floats(dq);
            write(arguments, delta, dout, lse, q, k, v, ofQueries);
            write(spec, q, arguments);
            arguments.single(beta);
            launch(kernels.queries(), ofQueries, spec);
        }
        Tiles.Plan ofKeys = tiles.of(queries, keys, kernels.keys().rows(), true);
        if ((dk != null || dv != null) && ofKeys.count() > 0) {
            Arguments arguments = stream.arguments().floats(dk).floats(dv);
            write(arguments, delta, dout, lse, q, k, v, ofKeys);
            write(spec, q, arguments);
            arguments.single(beta);
            launch(kernels.keys(), ofKeys, spec);
        }
    }

    private void launch(Tiled kernel, Tiles.Plan plan, AttentionSpec spec) {
        stream.launch(kernel.kernel(), plan.count(), spec.heads(), kernel.threads(), kernel.sharedBytes());
    }

    private static void write(Arguments arguments, Tensor delta, Tensor dout, Tensor lse, Tensor q, Tensor k,
            Tensor v, Tiles.Plan plan) {
        arguments.floats(delta).floats(dout).floats(lse).floats(q).floats(k).floats(v).whole(plan.address());
    }

    /// `struct Spec`, but for the rows, which a tile brings.
    static void write(AttentionSpec spec, Tensor q, Arguments arguments) {
        MemorySegment to = arguments.value(SPEC_BYTES, 8);
        to.set(JAVA_INT, 0, q.cols() / spec.heads());
        to.set(JAVA_FLOAT, 4, (float) spec.scale());
        to.set(JAVA_INT, 8, spec.causal() ? 1 : 0);
        to.set(JAVA_FLOAT, 12, (float) (1 / (1 - spec.dropout())));
        to.set(JAVA_LONG, 16, spec.dropout() == 0 ? 0 : Philox.keepThreshold(spec.dropout()));
        arguments.write(spec.key(), to.asSlice(32, Arguments.KEY));
    }

    long bytes() {
        return tiles.bytes();
    }
}
