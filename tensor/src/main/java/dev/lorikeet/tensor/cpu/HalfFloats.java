package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.GemmKernel.ADDRESS;
import static dev.lorikeet.tensor.cpu.GemmKernel.FLOAT;
import static dev.lorikeet.tensor.cpu.GemmKernel.ORDER;
import static dev.lorikeet.tensor.cpu.HostMemory.ALL;

import dev.lorikeet.tensor.DType;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// Widening of 16-bit floating-point numbers to F32, which is exact.
final class HalfFloats {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));
    private static final int LANES = FLOATS.length();
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

    private HalfFloats() {
    }

    /// `dst[i] ← src[i]` for `n` consecutive values of `type`, BF16 or F16.
    static void widen(long dst, long src, int n, DType type) {
        switch (type) {
            case BF16 -> widenBfloat16(dst, src, n);
            case F16 -> widenFloat16(dst, src, n);
            default -> throw new IllegalArgumentException("widening is for BF16 and F16, the type is " + type);
        }
    }

    /// BF16 is the upper half of an F32.
    private static void widenBfloat16(long dst, long src, int n) {
        int i = 0;
        for (; i < n - LANES + 1; i += LANES) {
            bfloat16((src + 2L * i) & ADDRESS).intoMemorySegment(ALL, (dst + 4L * i) & ADDRESS, ORDER);
        }
        for (; i < n; i++) {
            ALL.set(FLOAT, dst + 4L * i, Float.intBitsToFloat(ALL.get(SHORT, src + 2L * i) << 16));
        }
    }

    /// F16 has 5 exponent and 10 fraction bits. Moved into the place of F32's they are the number times 2⁻¹¹²,
    /// subnormal numbers included; only infinities and NaN need their exponent set.
    private static void widenFloat16(long dst, long src, int n) {
        int i = 0;
        for (; i < n - LANES + 1; i += LANES) {
            IntVector bits = integers((src + 2L * i) & ADDRESS);
            IntVector sign = bits.and(0x8000).lanewise(VectorOperators.LSHL, 16);
            IntVector magnitude = bits.and(0x7fff);
            VectorMask<Integer> special = magnitude.compare(VectorOperators.GT, 0x7bff);
            IntVector moved = magnitude.lanewise(VectorOperators.LSHL, 13);
            IntVector scaled = moved.reinterpretAsFloats().mul(0x1p112f).reinterpretAsInts();
            scaled.blend(moved.or(0x7f800000), special).or(sign).reinterpretAsFloats()
                    .intoMemorySegment(ALL, (dst + 4L * i) & ADDRESS, ORDER);
        }
        for (; i < n; i++) {
            ALL.set(FLOAT, dst + 4L * i, Float.float16ToFloat(ALL.get(SHORT, src + 2L * i)));
        }
    }

    /// A vector of BF16 numbers, widened.
    static FloatVector bfloat16(long src) {
        return integers(src).lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
    }

    private static IntVector integers(long src) {
        ShortVector halves = ShortVector.fromMemorySegment(SHORTS, ALL, src, ORDER);
        return (IntVector) halves.convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
    }
}
