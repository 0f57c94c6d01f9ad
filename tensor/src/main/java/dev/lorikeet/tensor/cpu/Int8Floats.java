package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.GemmKernel.ADDRESS;
import static dev.lorikeet.tensor.cpu.GemmKernel.ORDER;
import static dev.lorikeet.tensor.cpu.HostMemory.ALL;

import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// Widening of signed bytes to F32, times a factor for all or one for each.
final class Int8Floats {
    /// Whether a vector of floats has at least as many lanes as the smallest vector of bytes.
    static final boolean ON_VECTORS = FloatVector.SPECIES_PREFERRED.length() >= 8;

    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();
    private static final VectorSpecies<Byte> BYTES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, 8 * LANES)));

    private Int8Floats() {
    }

    /// `dst[i] ← factor·src[i]` for `n` consecutive bytes.
    static void widen(long dst, long src, int n, float factor) {
        int i = 0;
        if (ON_VECTORS) {
            for (; i < n - LANES + 1; i += LANES) {
                int8((src + i) & ADDRESS).mul(factor).intoMemorySegment(ALL, (dst + 4L * i) & ADDRESS, ORDER);
            }
        }
        for (; i < n; i++) {
            Lanes.set(dst + 4L * i, factor * get(src + i));
        }
    }

    /// `dst[i] ← factors[i]·src[i]` for `n` consecutive bytes.
    static void widen(long dst, long src, int n, long factors) {
        int i = 0;
        if (ON_VECTORS) {
            for (; i < n - LANES + 1; i += LANES) {
                int8((src + i) & ADDRESS)
                        .mul(FloatVector.fromMemorySegment(FLOATS, ALL, (factors + 4L * i) & ADDRESS, ORDER))
                        .intoMemorySegment(ALL, (dst + 4L * i) & ADDRESS, ORDER);
            }
        }
        for (; i < n; i++) {
            Lanes.set(dst + 4L * i, Lanes.get(factors + 4L * i) * get(src + i));
        }
    }

    /// A vector of bytes, widened; only if [#ON_VECTORS].
    static FloatVector int8(long src) {
        return (FloatVector) ByteVector.fromMemorySegment(BYTES, ALL, src, ORDER)
                .convertShape(VectorOperators.B2F, FLOATS, 0);
    }

    /// One byte.
    static byte get(long src) {
        return ALL.get(ValueLayout.JAVA_BYTE, src & ADDRESS);
    }
}
