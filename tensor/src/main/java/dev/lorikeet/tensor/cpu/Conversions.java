package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.Lanes.ALL;
import static dev.lorikeet.tensor.cpu.Lanes.I;
import static dev.lorikeet.tensor.cpu.Lanes.LANES;
import static dev.lorikeet.tensor.cpu.Lanes.ORDER;
import static dev.lorikeet.tensor.cpu.Lanes.STEP;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.HalfPrecision;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// Runs of floats to and from the two 16-bit formats; see [HalfPrecision]. Widening is
/// [HalfFloats]; narrowing to BF16 is integer arithmetic on whole vectors, narrowing to F16 one instruction per number.
final class Conversions {
    /// As many shorts as there are lanes of floats.
    private static final VectorSpecies<Short> S =
            VectorSpecies.of(short.class, VectorShape.forBitSize(I.vectorBitSize() / 2));

    private static final int SIGN = 0x80000000;
    private static final int INFINITY = 0x7F800000;
    private static final int QUIET = 0x00400000;

    private Conversions() {}

    /// True if a run of `from` can be turned into a run of `to` here.
    static boolean handles(DType to, DType from) {
        return to == DType.F32 && isHalf(from) || from == DType.F32 && isHalf(to);
    }

    static boolean isHalf(DType type) {
        return type == DType.BF16 || type == DType.F16;
    }

    /// `dst ← src` for `n` elements; one of the types is F32.
    static void run(long dst, DType to, long src, DType from, int n) {
        if (to == DType.F32) {
            HalfFloats.widen(dst, src, n, from);
        } else if (to == DType.BF16) {
            narrowBf16(dst, src, n);
        } else {
            narrowF16(dst, src, n);
        }
    }

    /// To nearest, ties to even: adding `7FFF` plus the last kept bit carries exactly when it should. NaN stays NaN.
    private static void narrowBf16(long dst, long src, int n) {
        int i = 0;
        for (; i < I.loopBound(n); i += LANES, dst += 2L * LANES, src += STEP) {
            IntVector bits = IntVector.fromMemorySegment(I, ALL, src, ORDER);
            IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
            IntVector rounded = bits.add(odd).add(0x7FFF);
            IntVector nan = bits.or(QUIET);
            IntVector top = rounded.blend(nan, bits.and(~SIGN).compare(VectorOperators.GT, INFINITY))
                    .lanewise(VectorOperators.ASHR, 16);
            ((ShortVector) top.convertShape(VectorOperators.I2S, S, 0)).intoMemorySegment(ALL, dst, ORDER);
        }
        for (; i < n; i++, dst += 2, src += 4) {
            ALL.set(Lanes.I16, dst, HalfPrecision.toBf16(Lanes.get(src)));
        }
    }

    private static void narrowF16(long dst, long src, int n) {
        for (int i = 0; i < n; i++, dst += 2, src += 4) {
            ALL.set(Lanes.I16, dst, Float.floatToFloat16(Lanes.get(src)));
        }
    }

    /// One element of an F32, BF16 or F16 tensor.
    static float get(DType type, long address) {
        return switch (type) {
            case F32 -> Lanes.get(address);
            case BF16 -> HalfPrecision.fromBf16(ALL.get(Lanes.I16, address));
            case F16 -> Float.float16ToFloat(ALL.get(Lanes.I16, address));
            default -> throw new IllegalArgumentException("expected F32, BF16 or F16, found " + type);
        };
    }
}
