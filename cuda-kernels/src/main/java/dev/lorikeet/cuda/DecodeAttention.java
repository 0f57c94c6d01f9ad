package dev.lorikeet.cuda;

import dev.lorikeet.cuda.Stream.Scratch;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Tensor;
import java.util.List;

/// Attention of one query per sequence, as generation asks for it: `attention_decode.cu`. A tile of queries would be
/// empty but for one row, and there would be a block for each sequence and head only.
final class DecodeAttention {
    /// Keys of a block: `CHUNK` there.
    private static final int CHUNK = 128;
    private static final int THREADS = 128;

    private record Kernels(int headSize, Kernel chunk, Kernel join) {
        static Kernels of(int size) {
            return new Kernels(size, new Kernel("attention_decode", "attention_decode_" + size),
                    new Kernel("attention_decode", "attention_decode_join_" + size));
        }
    }

    private static final List<Kernels> KERNELS = List.of(Kernels.of(32), Kernels.of(64), Kernels.of(128));

    private final Stream stream;
    private final Tiles tiles;

    DecodeAttention(Stream stream, Tiles tiles) {
        this.stream = stream;
        this.tiles = tiles;
    }

    /// Whether there is no sequence with more than one query, and none that sees no key.
    static boolean takes(Sequences queries, Sequences keys) {
        for (int s = 0; s < queries.count(); s++) {
            if (queries.length(s) > 1 || queries.length(s) == 1 && keys.length(s) == 0) {
                return false;
            }
        }
        return true;
    }

    void forward(Tensor out, Tensor lse, Tensor q, Tensor k, Tensor v, Sequences queries, Sequences keys,
            AttentionSpec spec) {
        int headSize = q.cols() / spec.heads();
        Kernels kernels = KERNELS.stream().filter(each -> each.headSize() >= headSize).findFirst().orElseThrow();
        Tiles.Plan plan = tiles.of(queries, keys, CHUNK, true);
        if (plan.count() == 0) {
            return;
        }
        boolean joins = keys.longest() > CHUNK;
        long parts = joins
                ? stream.scratch(Scratch.PARTIALS, 4L * plan.count() * spec.heads() * (kernels.headSize() + 2)) : 0;
        Arguments arguments = stream.arguments().floats(out).floats(lse).whole(parts).floats(q).floats(k).floats(v)
                .whole(plan.address());
        Attention.write(spec, q, arguments);
        stream.launch(kernels.chunk(), plan.count(), spec.heads(), THREADS);
        if (joins) {
            arguments = stream.arguments().floats(out).floats(lse).whole(parts).whole(plan.address());
            Attention.write(spec, q, arguments);
            stream.launch(kernels.join(), plan.count(), spec.heads(), kernels.headSize());
        }
    }
}
