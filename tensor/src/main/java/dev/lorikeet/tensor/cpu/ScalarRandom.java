package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.Philox;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Tensor;

/// Random numbers and dropout. Element `i` counts row by row over the shape, wherever the rows lie in memory.
final class ScalarRandom {
    private ScalarRandom() {}

    static void uniform(Tensor dst, double low, double high, RandomKey key) {
        Elements d = Elements.of(dst);
        Words words = new Words(key);
        for (int i = 0; i < d.rows(); i++) {
            for (int j = 0; j < d.cols(); j++) {
                double u = Philox.uniform(words.at(element(d, i, j)));
                d.set(i, j, low + (high - low) * u);
            }
        }
    }

    static void normal(Tensor dst, double mean, double deviation, RandomKey key) {
        Elements d = Elements.of(dst);
        Words words = new Words(key);
        for (int i = 0; i < d.rows(); i++) {
            for (int j = 0; j < d.cols(); j++) {
                long element = element(d, i, j);
                int even = words.at(element & ~1L);
                int odd = words.at(element | 1);
                d.set(i, j, mean + deviation * Philox.normal(even, odd, (element & 1) == 1));
            }
        }
    }

    static void dropout(Tensor dst, Tensor src, double p, RandomKey key, double beta) {
        Elements d = Elements.of(dst);
        Elements s = Elements.of(src);
        Words words = new Words(key);
        long threshold = Philox.keepThreshold(p);
        for (int i = 0; i < d.rows(); i++) {
            for (int j = 0; j < d.cols(); j++) {
                boolean kept = Integer.toUnsignedLong(words.at(element(d, i, j))) >= threshold;
                d.blend(i, j, beta, kept ? s.get(i, j) / (1 - p) : 0);
            }
        }
    }

    private static long element(Elements of, int row, int col) {
        return (long) row * of.cols() + col;
    }

    /// The words of one stream; remembers the last block, so that neighbours cost one draw for four.
    static final class Words {
        private final RandomKey key;
        private final int[] words = new int[4];
        private long block = -1;

        Words(RandomKey key) {
            this.key = key;
        }

        int at(long element) {
            if (element >>> 2 != block) {
                block = element >>> 2;
                Philox.block(words, key, block);
            }
            return words[(int) (element & 3)];
        }
    }
}
