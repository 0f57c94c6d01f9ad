package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.Lanes.ALL;
import static dev.lorikeet.tensor.cpu.Lanes.F;
import static dev.lorikeet.tensor.cpu.Lanes.I;
import static dev.lorikeet.tensor.cpu.Lanes.ORDER;
import static dev.lorikeet.tensor.cpu.Lanes.load;
import static dev.lorikeet.tensor.cpu.Lanes.store;

import dev.lorikeet.tensor.Philox;
import dev.lorikeet.tensor.RandomKey;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// Random numbers and dropout over runs of floats. The words are drawn into a buffer first, a piece at a time.
final class VectorRandom {
    /// Words drawn at once.
    static final int PIECE = 1024;
    /// Bytes of the buffer.
    static final long BUFFER = 4L * (PIECE + VectorPhilox.OVERRUN);

    private VectorRandom() {}

    /// `dst[i] ← low + (high − low)·u` for elements `first …` of the stream.
    static void uniform(long dst, double low, double high, RandomKey key, long first, int n, long buffer) {
        for (int i = 0; i < n; i += PIECE) {
            int count = Math.min(PIECE, n - i);
            long words = VectorPhilox.words(buffer, key, first + i, count);
            for (int j = 0; j < count; j++) {
                double u = Philox.uniform(Lanes.getInt(words + 4L * j));
                Lanes.set(dst + 4L * (i + j), (float) (low + (high - low) * u));
            }
        }
    }

    /// `dst[i] ← mean + deviation·z` for elements `first …` of the stream.
    static void normal(long dst, double mean, double deviation, RandomKey key, long first, int n, long buffer) {
        for (int i = 0; i < n; i += PIECE) {
            int count = Math.min(PIECE, n - i);
            long words = VectorPhilox.words(buffer, key, first + i, count);
            for (int j = 0; j < count; j++) {
                boolean second = (first + i + j & 1) == 1;
                long even = words + 4L * (second ? j - 1 : j);
                double z = Philox.normal(Lanes.getInt(even), Lanes.getInt(even + 4), second);
                Lanes.set(dst + 4L * (i + j), (float) (mean + deviation * z));
            }
        }
    }

    /// `dst[i] ← beta·dst[i] + mask·src[i]/(1 − p)` for elements `first …` of the stream.
    static void dropout(long dst, long src, double p, RandomKey key, float beta, long first, int n, long buffer) {
        float scale = (float) (1 / (1 - p));
        long threshold = Philox.keepThreshold(p);
        for (int i = 0; i < n; i += PIECE) {
            int count = Math.min(PIECE, n - i);
            long words = VectorPhilox.words(buffer, key, first + i, count);
            mask(dst + 4L * i, src + 4L * i, words, threshold, scale, beta, count);
        }
    }

    /// Keeps `src[i]·scale` where the unsigned word is at least `threshold`. Signed comparison, both sides shifted by
    /// 2³¹.
    private static void mask(long dst, long src, long words, long threshold, float scale, float beta, int n) {
        int least = (int) Math.min(threshold, 0xFFFFFFFFL) ^ 0x80000000;
        for (int i = 0; i < n; i += Lanes.LANES) {
            VectorMask<Float> rest = Lanes.first(n - i);
            IntVector word = IntVector.fromMemorySegment(I, ALL, words + 4L * i, ORDER)
                    .lanewise(VectorOperators.XOR, 0x80000000);
            VectorMask<Float> kept = word.compare(VectorOperators.GE, least).cast(F);
            FloatVector x = FloatVector.zero(F).blend(load(src + 4L * i, rest).mul(scale), kept);
            if (beta != 0) {
                x = load(dst + 4L * i, rest).fma(FloatVector.broadcast(F, beta), x);
            }
            store(x, dst + 4L * i, rest);
        }
    }
}
