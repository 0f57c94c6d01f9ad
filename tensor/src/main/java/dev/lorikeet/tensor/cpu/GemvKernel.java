package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.GemmKernel.ADDRESS;
import static dev.lorikeet.tensor.cpu.GemmKernel.FLOAT;
import static dev.lorikeet.tensor.cpu.GemmKernel.ORDER;
import static dev.lorikeet.tensor.cpu.GemmKernel.SPECIES;
import static dev.lorikeet.tensor.cpu.HostMemory.ALL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// The loops of [Gemv]: dots of x with four rows of B, and multiples of four rows added up, for each type of B. The
/// four rows are `step` bytes apart, and each call handles `n` elements, a multiple of the vector length ([#BLOCK] for
/// BF16).
///
/// BF16 is read two numbers at a time, as ints: shifted left an int is its lower number widened, masked its upper one.
/// That takes half as many instructions as converting shorts, but a vector then holds every other number. The other
/// operand has to lie likewise: per block of two vectors the even ones first, then the odd ones ("apart").
final class GemvKernel {
    /// Numbers of a block of BF16: two vectors of floats.
    static final int BLOCK = 2 * SPECIES.length();

    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();
    private static final int VECTOR = GemmKernel.VECTOR;
    private static final int UPPER = 0xFFFF0000;

    /// Each lane of the first, or second, half of a vector twice, and every second lane.
    private static final VectorShuffle<Float> FIRST = VectorShuffle.fromOp(SPECIES, lane -> lane / 2);
    private static final VectorShuffle<Float> SECOND = VectorShuffle.fromOp(SPECIES, lane -> (LANES + lane) / 2);
    private static final VectorMask<Float> ODD = VectorMask.fromLong(SPECIES, 0xAAAAAAAAAAAAAAAAL);

    private GemvKernel() {
    }

    /// Vector `i` at `sums` becomes the lanes of `x·b[i]`.
    static void dotsF32(long sums, long x, long b, long step, int n) {
        long x0 = x & ADDRESS, b0 = b & ADDRESS, b1 = (b + step) & ADDRESS;
        long b2 = (b + 2 * step) & ADDRESS, b3 = (b + 3 * step) & ADDRESS;
        FloatVector s0 = FloatVector.zero(SPECIES), s1 = s0, s2 = s0, s3 = s0;
        for (int j = 0; j < n; j += LANES) {
            FloatVector v = FloatVector.fromMemorySegment(SPECIES, ALL, x0 + 4L * j, ORDER);
            s0 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, b0 + 4L * j, ORDER), s0);
            s1 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, b1 + 4L * j, ORDER), s1);
            s2 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, b2 + 4L * j, ORDER), s2);
            s3 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, b3 + 4L * j, ORDER), s3);
        }
        s0.intoMemorySegment(ALL, sums, ORDER); s1.intoMemorySegment(ALL, sums + VECTOR, ORDER);
        s2.intoMemorySegment(ALL, sums + 2 * VECTOR, ORDER); s3.intoMemorySegment(ALL, sums + 3 * VECTOR, ORDER);
    }

    /// Row vector `x (n)` times four packed panels of a matrix, `step` bytes apart: eight vectors of results at `sums`.
    static void panels(long sums, long x, long b, long step, int n) {
        long b0 = b & ADDRESS, b1 = (b + step) & ADDRESS, b2 = (b + 2 * step) & ADDRESS, b3 = (b + 3 * step) & ADDRESS;
        long x0 = x & ADDRESS;
        FloatVector s0 = FloatVector.zero(SPECIES), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
        for (int p = 0; p < n; p++) {
            long at = 2L * VECTOR * p;
            FloatVector v = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, x0 + 4L * p));
            s0 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, b0 + at, ORDER), s0);
            s1 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, b0 + at + VECTOR, ORDER), s1);
            s2 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, b1 + at, ORDER), s2);
            s3 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, b1 + at + VECTOR, ORDER), s3);
            s4 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, b2 + at, ORDER), s4);
            s5 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, b2 + at + VECTOR, ORDER), s5);
            s6 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, b3 + at, ORDER), s6);
            s7 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, b3 + at + VECTOR, ORDER), s7);
        }
        s0.intoMemorySegment(ALL, sums, ORDER); s1.intoMemorySegment(ALL, sums + VECTOR, ORDER);
        s2.intoMemorySegment(ALL, sums + 2 * VECTOR, ORDER); s3.intoMemorySegment(ALL, sums + 3 * VECTOR, ORDER);
        s4.intoMemorySegment(ALL, sums + 4 * VECTOR, ORDER); s5.intoMemorySegment(ALL, sums + 5 * VECTOR, ORDER);
        s6.intoMemorySegment(ALL, sums + 6 * VECTOR, ORDER); s7.intoMemorySegment(ALL, sums + 7 * VECTOR, ORDER);
    }

    /// The same for one panel: two vectors of results.
    static void panel(long sums, long x, long b, int n) {
        long b0 = b & ADDRESS, x0 = x & ADDRESS;
        FloatVector s0 = FloatVector.zero(SPECIES), s1 = s0;
        for (int p = 0; p < n; p++) {
            long at = 2L * VECTOR * p;
            FloatVector v = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, x0 + 4L * p));
            s0 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, b0 + at, ORDER), s0);
            s1 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, b0 + at + VECTOR, ORDER), s1);
        }
        s0.intoMemorySegment(ALL, sums, ORDER); s1.intoMemorySegment(ALL, sums + VECTOR, ORDER);
    }

    /// [#dotsF32] for bytes.
    static void dotsInt8(long sums, long x, long b, long step, int n) {
        long x0 = x & ADDRESS, b0 = b & ADDRESS, b1 = (b + step) & ADDRESS;
        long b2 = (b + 2 * step) & ADDRESS, b3 = (b + 3 * step) & ADDRESS;
        FloatVector s0 = FloatVector.zero(SPECIES), s1 = s0, s2 = s0, s3 = s0;
        for (int j = 0; j < n; j += LANES) {
            FloatVector v = FloatVector.fromMemorySegment(SPECIES, ALL, x0 + 4L * j, ORDER);
            s0 = v.fma(Int8Floats.int8(b0 + j), s0);
            s1 = v.fma(Int8Floats.int8(b1 + j), s1);
            s2 = v.fma(Int8Floats.int8(b2 + j), s2);
            s3 = v.fma(Int8Floats.int8(b3 + j), s3);
        }
        s0.intoMemorySegment(ALL, sums, ORDER); s1.intoMemorySegment(ALL, sums + VECTOR, ORDER);
        s2.intoMemorySegment(ALL, sums + 2 * VECTOR, ORDER); s3.intoMemorySegment(ALL, sums + 3 * VECTOR, ORDER);
    }

    /// The same for BF16, x apart.
    static void dotsBfloat16(long sums, long x, long b, long step, int n) {
        long x0 = x & ADDRESS, b0 = b & ADDRESS, b1 = (b + step) & ADDRESS;
        long b2 = (b + 2 * step) & ADDRESS, b3 = (b + 3 * step) & ADDRESS;
        FloatVector s0 = FloatVector.zero(SPECIES), s1 = s0, s2 = s0, s3 = s0;
        for (int j = 0; j < n; j += BLOCK) {
            FloatVector even = FloatVector.fromMemorySegment(SPECIES, ALL, x0 + 4L * j, ORDER);
            FloatVector odd = FloatVector.fromMemorySegment(SPECIES, ALL, x0 + 4L * j + VECTOR, ORDER);
            IntVector v = IntVector.fromMemorySegment(INTS, ALL, b0 + 2L * j, ORDER);
            s0 = odd.fma(upper(v), even.fma(lower(v), s0));
            v = IntVector.fromMemorySegment(INTS, ALL, b1 + 2L * j, ORDER);
            s1 = odd.fma(upper(v), even.fma(lower(v), s1));
            v = IntVector.fromMemorySegment(INTS, ALL, b2 + 2L * j, ORDER);
            s2 = odd.fma(upper(v), even.fma(lower(v), s2));
            v = IntVector.fromMemorySegment(INTS, ALL, b3 + 2L * j, ORDER);
            s3 = odd.fma(upper(v), even.fma(lower(v), s3));
        }
        s0.intoMemorySegment(ALL, sums, ORDER); s1.intoMemorySegment(ALL, sums + VECTOR, ORDER);
        s2.intoMemorySegment(ALL, sums + 2 * VECTOR, ORDER); s3.intoMemorySegment(ALL, sums + 3 * VECTOR, ORDER);
    }

    /// `c ← c + Σ x[i·xStep]·b[i]`, four rows of B; distances in bytes.
    static void axpysF32(long c, long x, long xStep, long b, long step, int n) {
        FloatVector f0 = factor(x), f1 = factor(x + xStep), f2 = factor(x + 2 * xStep), f3 = factor(x + 3 * xStep);
        long c0 = c & ADDRESS, b0 = b & ADDRESS, b1 = (b + step) & ADDRESS;
        long b2 = (b + 2 * step) & ADDRESS, b3 = (b + 3 * step) & ADDRESS;
        for (int j = 0; j < n; j += LANES) {
            FloatVector s = FloatVector.fromMemorySegment(SPECIES, ALL, c0 + 4L * j, ORDER);
            s = f0.fma(FloatVector.fromMemorySegment(SPECIES, ALL, b0 + 4L * j, ORDER), s);
            s = f1.fma(FloatVector.fromMemorySegment(SPECIES, ALL, b1 + 4L * j, ORDER), s);
            s = f2.fma(FloatVector.fromMemorySegment(SPECIES, ALL, b2 + 4L * j, ORDER), s);
            f3.fma(FloatVector.fromMemorySegment(SPECIES, ALL, b3 + 4L * j, ORDER), s)
                    .intoMemorySegment(ALL, c0 + 4L * j, ORDER);
        }
    }

    /// The same for bytes.
    static void axpysInt8(long c, long x, long xStep, long b, long step, int n) {
        FloatVector f0 = factor(x), f1 = factor(x + xStep), f2 = factor(x + 2 * xStep), f3 = factor(x + 3 * xStep);
        long c0 = c & ADDRESS, b0 = b & ADDRESS, b1 = (b + step) & ADDRESS;
        long b2 = (b + 2 * step) & ADDRESS, b3 = (b + 3 * step) & ADDRESS;
        for (int j = 0; j < n; j += LANES) {
            FloatVector s = FloatVector.fromMemorySegment(SPECIES, ALL, c0 + 4L * j, ORDER);
            s = f0.fma(Int8Floats.int8(b0 + j), s);
            s = f1.fma(Int8Floats.int8(b1 + j), s);
            s = f2.fma(Int8Floats.int8(b2 + j), s);
            f3.fma(Int8Floats.int8(b3 + j), s).intoMemorySegment(ALL, c0 + 4L * j, ORDER);
        }
    }

    /// The same for BF16, c apart.
    static void axpysBfloat16(long c, long x, long xStep, long b, long step, int n) {
        FloatVector f0 = factor(x), f1 = factor(x + xStep), f2 = factor(x + 2 * xStep), f3 = factor(x + 3 * xStep);
        long c0 = c & ADDRESS, b0 = b & ADDRESS, b1 = (b + step) & ADDRESS;
        long b2 = (b + 2 * step) & ADDRESS, b3 = (b + 3 * step) & ADDRESS;
        for (int j = 0; j < n; j += BLOCK) {
            FloatVector even = FloatVector.fromMemorySegment(SPECIES, ALL, c0 + 4L * j, ORDER);
            FloatVector odd = FloatVector.fromMemorySegment(SPECIES, ALL, c0 + 4L * j + VECTOR, ORDER);
            IntVector v = IntVector.fromMemorySegment(INTS, ALL, b0 + 2L * j, ORDER);
            even = f0.fma(lower(v), even); odd = f0.fma(upper(v), odd);
            v = IntVector.fromMemorySegment(INTS, ALL, b1 + 2L * j, ORDER);
            even = f1.fma(lower(v), even); odd = f1.fma(upper(v), odd);
            v = IntVector.fromMemorySegment(INTS, ALL, b2 + 2L * j, ORDER);
            even = f2.fma(lower(v), even); odd = f2.fma(upper(v), odd);
            v = IntVector.fromMemorySegment(INTS, ALL, b3 + 2L * j, ORDER);
            f3.fma(lower(v), even).intoMemorySegment(ALL, c0 + 4L * j, ORDER);
            f3.fma(upper(v), odd).intoMemorySegment(ALL, c0 + 4L * j + VECTOR, ORDER);
        }
    }

    /// Puts numbers that lie apart side by side again: `n`, a multiple of [#BLOCK].
    static void together(long c, int n) {
        for (int j = 0; j < n; j += BLOCK) {
            long at = (c + 4L * j) & ADDRESS;
            FloatVector even = FloatVector.fromMemorySegment(SPECIES, ALL, at, ORDER);
            FloatVector odd = FloatVector.fromMemorySegment(SPECIES, ALL, at + VECTOR, ORDER);
            even.rearrange(FIRST).blend(odd.rearrange(FIRST), ODD).intoMemorySegment(ALL, at, ORDER);
            even.rearrange(SECOND).blend(odd.rearrange(SECOND), ODD).intoMemorySegment(ALL, at + VECTOR, ORDER);
        }
    }

    private static FloatVector lower(IntVector pairs) {
        return pairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
    }

    private static FloatVector upper(IntVector pairs) {
        return pairs.and(UPPER).reinterpretAsFloats();
    }

    private static FloatVector factor(long x) {
        return FloatVector.broadcast(SPECIES, ALL.get(FLOAT, x));
    }
}
