package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.GemmKernel.ADDRESS;
import static dev.lorikeet.tensor.cpu.GemmKernel.FLOAT;
import static dev.lorikeet.tensor.cpu.GemmKernel.ORDER;
import static dev.lorikeet.tensor.cpu.HostMemory.ALL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// Packing: copies an operand into panels that the micro-kernel reads front to back.
///
/// A panel of width `w` over `k` steps holds `panel[p·w + i]`, `p < k`, `i < w`: for A `w` rows (6), for B `w`
/// columns (two vectors). A panel that hangs over the edge of the matrix repeats the last row or column; what the
/// kernel computes from those is thrown away. Panels begin at multiples of 64 bytes and have [#SLACK] bytes behind
/// the data, because the transposing copy writes eight values where six belong.
final class GemmPanels {
    /// Bytes behind the data of a panel that packing may overwrite.
    static final int SLACK = 32;

    /// 8×8 blocks are transposed in 256-bit vectors on every machine that has them.
    private static final VectorSpecies<Float> EIGHT = FloatVector.SPECIES_256;
    private static final boolean HAS_EIGHT = FloatVector.SPECIES_PREFERRED.length() >= 8;

    private static final VectorShuffle<Float> SWAP1 = VectorShuffle.fromOp(EIGHT, lane -> lane ^ 1);
    private static final VectorShuffle<Float> SWAP2 = VectorShuffle.fromOp(EIGHT, lane -> lane ^ 2);
    private static final VectorShuffle<Float> SWAP4 = VectorShuffle.fromOp(EIGHT, lane -> lane ^ 4);
    private static final VectorMask<Float> ODD1 = VectorMask.fromLong(EIGHT, 0b10101010);
    private static final VectorMask<Float> ODD2 = VectorMask.fromLong(EIGHT, 0b11001100);
    private static final VectorMask<Float> ODD4 = VectorMask.fromLong(EIGHT, 0b11110000);

    private GemmPanels() {
    }

    /// Bytes from one panel of `width` by `k` to the next.
    static long bytes(int width, int k) {
        return (4L * width * k + SLACK + 63) & -64L;
    }

    /// Packs the next `width` matrix rows of `k` consecutive values each: the transposing copy, for A as stored and for
    /// Bᵀ. `count > 0` rows are left in the matrix, `step` is the distance of two rows in bytes, and every value is
    /// multiplied by `scale`.
    static void across(long panel, int width, long source, long step, int count, int k, float scale) {
        int done = 0;
        if (HAS_EIGHT) {
            done = k & -8;
            for (int first = 0; first < width; first += 8) {
                int from = Math.min(first, count - 1);
                transposed(panel + 4L * first, 4L * width, source + from * step, step, count - 1 - from, done, scale);
            }
        }
        for (int i = 0; i < width; i++) {
            one(panel + 4L * ((long) done * width + i), 4L * width, source + Math.min(i, count - 1) * step + 4L * done,
                    k - done, scale);
        }
    }

    /// Packs the next `width` consecutive values of each of `k` matrix rows: the straight copy, for Aᵀ and for B as
    /// stored. `count > 0` values are left in a row; the rest as in [#across].
    static void along(long panel, int width, long source, long step, int count, int k, float scale) {
        if (width == GemmKernel.COLUMNS && count >= width) {
            vectorPairs(panel, source, step, k, scale);
        } else if (HAS_EIGHT && width < 8 && count >= 8) {
            eights(panel, 4L * width, source, step, k, scale);
        } else {
            for (int p = 0; p < k; p++, panel += 4L * width, source += step) {
                for (int i = 0; i < width; i++) {
                    ALL.set(FLOAT, panel + 4L * i, scale * ALL.get(FLOAT, source + 4L * Math.min(i, count - 1)));
                }
            }
        }
    }

    private static void one(long panel, long panelStep, long source, int k, float scale) {
        for (int p = 0; p < k; p++, panel += panelStep, source += 4) {
            ALL.set(FLOAT, panel, scale * ALL.get(FLOAT, source));
        }
    }

    private static void vectorPairs(long panel, long source, long step, int k, float scale) {
        int vector = GemmKernel.VECTOR;
        for (int p = 0; p < k; p++, panel += 2L * vector, source += step) {
            long to = panel & ADDRESS, from = source & ADDRESS;
            FloatVector.fromMemorySegment(GemmKernel.SPECIES, ALL, from, ORDER).mul(scale)
                    .intoMemorySegment(ALL, to, ORDER);
            FloatVector.fromMemorySegment(GemmKernel.SPECIES, ALL, from + vector, ORDER).mul(scale)
                    .intoMemorySegment(ALL, to + vector, ORDER);
        }
    }

    /// Copies eight values where fewer belong; the next step, or the slack, takes the surplus.
    private static void eights(long panel, long panelStep, long source, long step, int k, float scale) {
        for (int p = 0; p < k; p++, panel += panelStep, source += step) {
            FloatVector.fromMemorySegment(EIGHT, ALL, source & ADDRESS, ORDER).mul(scale)
                    .intoMemorySegment(ALL, panel & ADDRESS, ORDER);
        }
    }

    /// Transposes eight rows by `k`, a multiple of 8, block by block: rows `d` apart exchange, by one shuffle and one
    /// blend each, the lanes `d` apart, for `d = 4, 2, 1`. Two to three times as fast as value by value.
    private static void transposed(long panel, long panelStep, long source, long step, int last, int k, float scale) {
        long s0 = source, s1 = source + Math.min(1, last) * step, s2 = source + Math.min(2, last) * step;
        long s3 = source + Math.min(3, last) * step, s4 = source + Math.min(4, last) * step;
        long s5 = source + Math.min(5, last) * step, s6 = source + Math.min(6, last) * step;
        long s7 = source + Math.min(7, last) * step;
        for (long p = 0, end = 4L * k; p < end; p += 32) {
            FloatVector a0 = FloatVector.fromMemorySegment(EIGHT, ALL, (s0 + p) & ADDRESS, ORDER).mul(scale);
            FloatVector a1 = FloatVector.fromMemorySegment(EIGHT, ALL, (s1 + p) & ADDRESS, ORDER).mul(scale);
            FloatVector a2 = FloatVector.fromMemorySegment(EIGHT, ALL, (s2 + p) & ADDRESS, ORDER).mul(scale);
            FloatVector a3 = FloatVector.fromMemorySegment(EIGHT, ALL, (s3 + p) & ADDRESS, ORDER).mul(scale);
            FloatVector a4 = FloatVector.fromMemorySegment(EIGHT, ALL, (s4 + p) & ADDRESS, ORDER).mul(scale);
            FloatVector a5 = FloatVector.fromMemorySegment(EIGHT, ALL, (s5 + p) & ADDRESS, ORDER).mul(scale);
            FloatVector a6 = FloatVector.fromMemorySegment(EIGHT, ALL, (s6 + p) & ADDRESS, ORDER).mul(scale);
            FloatVector a7 = FloatVector.fromMemorySegment(EIGHT, ALL, (s7 + p) & ADDRESS, ORDER).mul(scale);

            FloatVector b0 = a0.blend(a4.rearrange(SWAP4), ODD4), b4 = a0.rearrange(SWAP4).blend(a4, ODD4);
            FloatVector b1 = a1.blend(a5.rearrange(SWAP4), ODD4), b5 = a1.rearrange(SWAP4).blend(a5, ODD4);
            FloatVector b2 = a2.blend(a6.rearrange(SWAP4), ODD4), b6 = a2.rearrange(SWAP4).blend(a6, ODD4);
            FloatVector b3 = a3.blend(a7.rearrange(SWAP4), ODD4), b7 = a3.rearrange(SWAP4).blend(a7, ODD4);

            a0 = b0.blend(b2.rearrange(SWAP2), ODD2); a2 = b0.rearrange(SWAP2).blend(b2, ODD2);
            a1 = b1.blend(b3.rearrange(SWAP2), ODD2); a3 = b1.rearrange(SWAP2).blend(b3, ODD2);
            a4 = b4.blend(b6.rearrange(SWAP2), ODD2); a6 = b4.rearrange(SWAP2).blend(b6, ODD2);
            a5 = b5.blend(b7.rearrange(SWAP2), ODD2); a7 = b5.rearrange(SWAP2).blend(b7, ODD2);

            long to = panel & ADDRESS;
            a0.blend(a1.rearrange(SWAP1), ODD1).intoMemorySegment(ALL, to, ORDER);
            a0.rearrange(SWAP1).blend(a1, ODD1).intoMemorySegment(ALL, to + panelStep, ORDER);
            to = (to + 2 * panelStep) & ADDRESS;
            a2.blend(a3.rearrange(SWAP1), ODD1).intoMemorySegment(ALL, to, ORDER);
            a2.rearrange(SWAP1).blend(a3, ODD1).intoMemorySegment(ALL, to + panelStep, ORDER);
            to = (to + 2 * panelStep) & ADDRESS;
            a4.blend(a5.rearrange(SWAP1), ODD1).intoMemorySegment(ALL, to, ORDER);
            a4.rearrange(SWAP1).blend(a5, ODD1).intoMemorySegment(ALL, to + panelStep, ORDER);
            to = (to + 2 * panelStep) & ADDRESS;
            a6.blend(a7.rearrange(SWAP1), ODD1).intoMemorySegment(ALL, to, ORDER);
            a6.rearrange(SWAP1).blend(a7, ODD1).intoMemorySegment(ALL, to + panelStep, ORDER);
            panel += 8 * panelStep;
        }
    }
}
