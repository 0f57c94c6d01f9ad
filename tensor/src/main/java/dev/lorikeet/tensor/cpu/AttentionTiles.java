package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.Lanes.ADDRESS;
import static dev.lorikeet.tensor.cpu.Lanes.ALL;
import static dev.lorikeet.tensor.cpu.Lanes.F;
import static dev.lorikeet.tensor.cpu.Lanes.I;
import static dev.lorikeet.tensor.cpu.Lanes.LANES;
import static dev.lorikeet.tensor.cpu.Lanes.ORDER;
import static dev.lorikeet.tensor.cpu.Lanes.STEP;

import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Philox;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// The square tiles that attention works on, and what happens inside one.
///
/// A tile holds [#BLOCK] rows of [#BLOCK] floats: a multiple of the micro-kernel's 6 rows and of its 8, 16 or 32
/// columns, so that every product runs over whole register tiles. Three tiles and the operands of one head fit into a
/// second-level cache. Operands come in two layouts, both copies, because rows of a fused projection lie so far apart
/// that they would compete for the same few lines of the first-level cache:
///
/// - *across*: `(d, BLOCK)`, element `c` of 96 rows side by side, for sums over the head's elements;
/// - *along*: `(BLOCK, padded)`, rows as they are, padded with zeros to whole register tiles, for sums over rows.
final class AttentionTiles {
    /// Rows and columns of a tile.
    static final int BLOCK = 96;
    /// Bytes of a row of a tile.
    static final int ROW = 4 * BLOCK;
    /// Bytes of a tile.
    static final int TILE = BLOCK * ROW;
    /// `log₂ e`: scores are kept in base 2.
    static final float LOG2_E = (float) (1 / Math.log(2));

    private AttentionTiles() {}

    /// Bytes of an *across* operand.
    static long acrossBytes(int d) {
        return (long) d * ROW;
    }

    /// Columns of an *along* operand.
    static int padded(int d) {
        return Math.ceilDiv(d, GemmKernel.COLUMNS) * GemmKernel.COLUMNS;
    }

    /// Bytes of an *along* operand.
    static long alongBytes(int d) {
        return 4L * BLOCK * padded(d);
    }

    /// `dst (d, BLOCK) ← scale·srcᵀ` for the first `BLOCK` of `rows` rows; missing rows repeat the last one.
    static void across(long dst, long src, long stride, int rows, int d, float scale) {
        GemmPanels.across(dst, BLOCK, src, stride, rows, d, scale);
    }

    /// `dst (rows, padded) ← src (rows, d)`.
    static void along(long dst, long src, long stride, int rows, int d) {
        int padded = padded(d);
        for (int row = 0; row < rows; row++, dst += 4L * padded, src += stride) {
            VectorElementwise.scale(dst, 1, src, d);
            if (padded > d) {
                VectorElementwise.fill(dst + 4L * d, 0, padded - d);
            }
        }
    }

    /// Writes −∞ over the scores that a column may not see. Columns are queries, rows `from … to − 1` keys; lane `a`
    /// sees key `t` if `t < first + a`; `from ≥ first`.
    static void maskColumns(long scores, int from, int to, int first) {
        for (int t = from; t < to; t++) {
            // Lane a is hidden if a < t − first + 1.
            VectorMask<Float> hidden = Lanes.first(t - first + 1);
            long at = scores + (long) t * ROW;
            FloatVector.fromMemorySegment(F, ALL, at & ADDRESS, ORDER).blend(Float.NEGATIVE_INFINITY, hidden)
                    .intoMemorySegment(ALL, at & ADDRESS, ORDER);
        }
    }

    /// `largest ← max(largest, column)` for one vector of columns over `n` rows.
    static void maxColumns(long scores, int n, long largest) {
        FloatVector a = FloatVector.fromMemorySegment(F, ALL, largest & ADDRESS, ORDER);
        FloatVector b = a;
        int t = 0;
        for (; t < n - 1; t += 2, scores += 2L * ROW) {
            FloatVector u = FloatVector.fromMemorySegment(F, ALL, scores & ADDRESS, ORDER);
            FloatVector v = FloatVector.fromMemorySegment(F, ALL, (scores + ROW) & ADDRESS, ORDER);
            a = a.blend(u, u.compare(VectorOperators.GT, a));
            b = b.blend(v, v.compare(VectorOperators.GT, b));
        }
        if (t < n) {
            FloatVector u = FloatVector.fromMemorySegment(F, ALL, scores & ADDRESS, ORDER);
            a = a.blend(u, u.compare(VectorOperators.GT, a));
        }
        a.blend(b, b.compare(VectorOperators.GT, a)).intoMemorySegment(ALL, largest & ADDRESS, ORDER);
    }

    /// `scores ← 2^(scores − largest)` for one vector of columns over `n` rows; adds their sum to `sums`.
    static void expColumns(long scores, int n, long largest, long sums) {
        FloatVector shift = FloatVector.fromMemorySegment(F, ALL, largest & ADDRESS, ORDER);
        FloatVector sum = FloatVector.fromMemorySegment(F, ALL, sums & ADDRESS, ORDER);
        for (int t = 0; t < n; t++, scores += ROW) {
            FloatVector score = FloatVector.fromMemorySegment(F, ALL, scores & ADDRESS, ORDER);
            FloatVector p = VectorMath.exp2OfNegative(score.sub(shift));
            p.intoMemorySegment(ALL, scores & ADDRESS, ORDER);
            sum = sum.add(p);
        }
        sum.intoMemorySegment(ALL, sums & ADDRESS, ORDER);
    }

    /// Zeros in one vector of columns, rows `from … to − 1`.
    static void clearColumns(long scores, int from, int to) {
        for (int t = from; t < to; t++) {
            FloatVector.zero(F).intoMemorySegment(ALL, (scores + (long) t * ROW) & ADDRESS, ORDER);
        }
    }

    /// `factor ← 2^(before − after)`, `sums ← factor·sums`: what a larger maximum does to sums taken with a smaller
    /// one.
    static void rescale(long factor, long before, long after, long sums) {
        FloatVector old = FloatVector.fromMemorySegment(F, ALL, before & ADDRESS, ORDER);
        FloatVector larger = FloatVector.fromMemorySegment(F, ALL, after & ADDRESS, ORDER);
        FloatVector f = VectorMath.exp2OfNegative(old.sub(larger));
        f.intoMemorySegment(ALL, factor & ADDRESS, ORDER);
        FloatVector.fromMemorySegment(F, ALL, sums & ADDRESS, ORDER).mul(f)
                .intoMemorySegment(ALL, sums & ADDRESS, ORDER);
    }

    /// One row of the backward pass, keys in columns: `p ← 2^(s − lse)` in place of the scores of the first `n` keys,
    /// zeros in place of the other scores and of their `dp` up to `width`.
    ///
    /// @param delta where `Σ p∘dp` is added, or 0
    /// @param total where `Σ p` is added, if `delta` is not 0
    static void weights(long scores, long dp, float lse, int n, int width, long delta, long total) {
        FloatVector sum = FloatVector.zero(F);
        FloatVector whole = sum;
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, scores += STEP, dp += STEP) {
            FloatVector score = FloatVector.fromMemorySegment(F, ALL, scores & ADDRESS, ORDER);
            FloatVector p = VectorMath.exp2OfNegative(score.sub(lse));
            p.intoMemorySegment(ALL, scores & ADDRESS, ORDER);
            sum = FloatVector.fromMemorySegment(F, ALL, dp & ADDRESS, ORDER).fma(p, sum);
            whole = whole.add(p);
        }
        if (i < n) {
            VectorMask<Float> seen = F.indexInRange(0, n - i);
            FloatVector score = FloatVector.fromMemorySegment(F, ALL, scores & ADDRESS, ORDER);
            FloatVector p = FloatVector.zero(F).blend(VectorMath.exp2OfNegative(score.sub(lse)), seen);
            FloatVector g = FloatVector.zero(F).blend(FloatVector.fromMemorySegment(F, ALL, dp & ADDRESS, ORDER), seen);
            p.intoMemorySegment(ALL, scores & ADDRESS, ORDER);
            g.intoMemorySegment(ALL, dp & ADDRESS, ORDER);
            sum = g.fma(p, sum);
            whole = whole.add(p);
            i += LANES;
            scores += STEP;
            dp += STEP;
        }
        for (; i < width; i += LANES, scores += STEP, dp += STEP) {
            FloatVector.zero(F).intoMemorySegment(ALL, scores & ADDRESS, ORDER);
            FloatVector.zero(F).intoMemorySegment(ALL, dp & ADDRESS, ORDER);
        }
        if (delta != 0) {
            Lanes.set(delta, Lanes.get(delta) + Lanes.sum(sum));
            Lanes.set(total, Lanes.get(total) + Lanes.sum(whole));
        }
    }

    /// `ds ← p∘(dp − delta)` in place of `dp`.
    static void scoreGradients(long dp, long p, float delta, int width) {
        for (int i = 0; i < width; i += LANES, dp += STEP, p += STEP) {
            FloatVector slope = FloatVector.fromMemorySegment(F, ALL, dp & ADDRESS, ORDER).sub(delta);
            FloatVector.fromMemorySegment(F, ALL, p & ADDRESS, ORDER).mul(slope)
                    .intoMemorySegment(ALL, dp & ADDRESS, ORDER);
        }
    }

    /// `x ← f∘x`: dropout factors `f` on a row.
    static void drop(long x, long factors, int width) {
        for (int i = 0; i < width; i += LANES, x += STEP, factors += STEP) {
            FloatVector f = FloatVector.fromMemorySegment(F, ALL, factors & ADDRESS, ORDER);
            FloatVector.fromMemorySegment(F, ALL, x & ADDRESS, ORDER).mul(f)
                    .intoMemorySegment(ALL, x & ADDRESS, ORDER);
        }
    }

    /// Dropout factors, 0 or `1/(1 − dropout)`, of `rows` queries from batch row `firstQuery` on and the `BLOCK` keys
    /// from the `firstKey`-th of their sequence on; queries in rows. `words` is a row of scratch.
    static void dropoutFactors(
            long dst, AttentionSpec spec, int h, int batchRows, int firstQuery, int rows, int firstKey, long words) {
        long threshold = Philox.keepThreshold(spec.dropout());
        float factor = (float) (1 / (1 - spec.dropout()));
        for (int row = 0; row < rows; row++) {
            long element = ((long) h * batchRows + firstQuery + row << 20) + firstKey;
            VectorPhilox.words(words, spec.key(), element, BLOCK);   // exactly BLOCK words: whole blocks, none before
            factorRow(dst + (long) row * ROW, words, threshold, factor);
        }
    }

    private static void factorRow(long dst, long words, long threshold, float factor) {
        int least = (int) Math.min(threshold, 0xFFFFFFFFL) ^ 0x80000000;
        for (int i = 0; i < BLOCK; i += LANES) {
            IntVector word = IntVector.fromMemorySegment(I, ALL, words + 4L * i, ORDER)
                    .lanewise(VectorOperators.XOR, 0x80000000);
            VectorMask<Float> kept = word.compare(VectorOperators.GE, least).cast(F);
            FloatVector.zero(F).blend(factor, kept).intoMemorySegment(ALL, (dst + 4L * i) & ADDRESS, ORDER);
        }
    }
}
