package dev.lorikeet.cuda;

import dev.lorikeet.tensor.Philox;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Tensor;

/// Random numbers and dropout: `random.cu`.
final class RandomNumbers {
    private static final Kernel UNIFORM = new Kernel("random", "uniform");
    private static final Kernel NORMAL = new Kernel("random", "normal");
    private static final Kernel DROPOUT = new Kernel("random", "dropout");

    private final Stream stream;

    RandomNumbers(Stream stream) {
        this.stream = stream;
    }

    void uniform(Tensor dst, double low, double high, RandomKey key) {
        if (dst.size() > 0) {
            boolean flat = Grids.flat(dst, dst);
            stream.arguments().floats(dst, flat).twice(low).twice(high).key(key);
            launch(UNIFORM, dst);
        }
    }

    void normal(Tensor dst, double mean, double deviation, RandomKey key) {
        if (dst.size() > 0) {
            boolean flat = Grids.flat(dst, dst);
            stream.arguments().floats(dst, flat).twice(mean).twice(deviation).key(key);
            launch(NORMAL, dst);
        }
    }

    void dropout(Tensor dst, Tensor src, double p, RandomKey key, double beta) {
        if (dst.size() > 0) {
            boolean flat = Grids.flat(dst, src);
            stream.arguments().floats(dst, flat).floats(src, flat).whole(Philox.keepThreshold(p)).single(1 / (1 - p))
                    .key(key).single(beta);
            launch(DROPOUT, dst);
        }
    }

    /// A thread draws four words.
    private void launch(Kernel kernel, Tensor dst) {
        stream.launch(kernel, Grids.across(dst.size(), 4 * Grids.THREADS), 1, Grids.THREADS);
    }
}
