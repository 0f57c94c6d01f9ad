package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.Lanes.ADDRESS;
import static dev.lorikeet.tensor.cpu.Lanes.ALL;
import static dev.lorikeet.tensor.cpu.Lanes.F;
import static dev.lorikeet.tensor.cpu.Lanes.LANES;
import static dev.lorikeet.tensor.cpu.Lanes.ORDER;
import static dev.lorikeet.tensor.cpu.Lanes.STEP;
import static dev.lorikeet.tensor.cpu.Lanes.load;
import static dev.lorikeet.tensor.cpu.Lanes.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Attention of a single query, as in decoding with a key-value cache: reads every key and every value once, at the
/// speed of memory. Tiles would compute sixteen columns of which one is needed.
final class AttentionRow {
    private AttentionRow() {}

    /// `out (d) ← softmax(scale·q·kᵀ)·v` over `n ≥ 1` keys; returns the logarithm of the denominator. Strides in bytes;
    /// `scores` has room for `n` floats.
    static float run(
            long out, long q, long k, long kStride, long v, long vStride, int n, int d, float scale, long scores) {
        int j = 0;
        for (; j < n - 3; j += 4) {
            fourScores(scores + 4L * j, q, k + j * kStride, kStride, d, scale);
        }
        for (; j < n; j++) {
            Lanes.set(scores + 4L * j, scale * VectorRows.dot(q, k + j * kStride, d));
        }
        float largest = VectorRows.max(scores, n);
        double sum = VectorRows.exp(scores, scores, n, largest);
        for (int c = 0; c < d; c += 4 * LANES) {
            if (d - c >= 4 * LANES) {
                fourVectors(out + 4L * c, v + 4L * c, vStride, scores, n, (float) (1 / sum));
            } else {
                for (int e = c; e < d; e += LANES) {
                    oneVector(out + 4L * e, v + 4L * e, vStride, scores, n, (float) (1 / sum), d - e);
                }
            }
        }
        return (float) (largest + Math.log(sum));
    }

    private static void fourScores(long scores, long q, long k, long stride, int d, float scale) {
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int i = 0;
        for (; i < F.loopBound(d); i += LANES, q += STEP, k += STEP) {
            FloatVector x = FloatVector.fromMemorySegment(F, ALL, q & ADDRESS, ORDER);
            s0 = FloatVector.fromMemorySegment(F, ALL, k & ADDRESS, ORDER).fma(x, s0);
            s1 = FloatVector.fromMemorySegment(F, ALL, (k + stride) & ADDRESS, ORDER).fma(x, s1);
            s2 = FloatVector.fromMemorySegment(F, ALL, (k + 2 * stride) & ADDRESS, ORDER).fma(x, s2);
            s3 = FloatVector.fromMemorySegment(F, ALL, (k + 3 * stride) & ADDRESS, ORDER).fma(x, s3);
        }
        if (i < d) {
            VectorMask<Float> rest = Lanes.first(d - i);
            FloatVector x = load(q, rest);
            s0 = load(k, rest).fma(x, s0);
            s1 = load(k + stride, rest).fma(x, s1);
            s2 = load(k + 2 * stride, rest).fma(x, s2);
            s3 = load(k + 3 * stride, rest).fma(x, s3);
        }
        Lanes.set(scores, scale * Lanes.sum(s0));
        Lanes.set(scores + 4, scale * Lanes.sum(s1));
        Lanes.set(scores + 8, scale * Lanes.sum(s2));
        Lanes.set(scores + 12, scale * Lanes.sum(s3));
    }

    private static void fourVectors(long out, long v, long stride, long p, int n, float factor) {
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        for (int j = 0; j < n; j++, v += stride, p += 4) {
            FloatVector weight = FloatVector.broadcast(F, Lanes.get(p));
            s0 = FloatVector.fromMemorySegment(F, ALL, v & ADDRESS, ORDER).fma(weight, s0);
            s1 = FloatVector.fromMemorySegment(F, ALL, (v + STEP) & ADDRESS, ORDER).fma(weight, s1);
            s2 = FloatVector.fromMemorySegment(F, ALL, (v + 2L * STEP) & ADDRESS, ORDER).fma(weight, s2);
            s3 = FloatVector.fromMemorySegment(F, ALL, (v + 3L * STEP) & ADDRESS, ORDER).fma(weight, s3);
        }
        s0.mul(factor).intoMemorySegment(ALL, out & ADDRESS, ORDER);
        s1.mul(factor).intoMemorySegment(ALL, (out + STEP) & ADDRESS, ORDER);
        s2.mul(factor).intoMemorySegment(ALL, (out + 2L * STEP) & ADDRESS, ORDER);
        s3.mul(factor).intoMemorySegment(ALL, (out + 3L * STEP) & ADDRESS, ORDER);
    }

    private static void oneVector(long out, long v, long stride, long p, int n, float factor, int columns) {
        VectorMask<Float> rest = Lanes.first(columns);
        FloatVector sum = FloatVector.zero(F);
        for (int j = 0; j < n; j++, v += stride, p += 4) {
            sum = load(v, rest).fma(FloatVector.broadcast(F, Lanes.get(p)), sum);
        }
        store(sum.mul(factor), out, rest);
    }
}
