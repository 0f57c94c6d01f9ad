package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// The vector words that all kernels of this package share: species, loads, stores, addresses.
///
/// Everything goes through [HostMemory#ALL] with byte addresses. A kernel is a small static method over one run of
/// numbers: a vector body, then one masked step for the rest. Small, because C2 stops inlining in large methods and
/// then allocates every vector.
final class Lanes {
    /// Floats, as many as the machine's registers hold.
    static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    /// Ints in vectors of the same shape.
    static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;
    /// Longs in vectors of the same shape: half as many lanes.
    static final VectorSpecies<Long> L = LongVector.SPECIES_PREFERRED;
    /// Doubles in vectors of the same shape: half as many lanes.
    static final VectorSpecies<Double> D = DoubleVector.SPECIES_PREFERRED;
    /// Half a vector of floats: what becomes one vector of doubles.
    static final VectorSpecies<Float> HALF =
            VectorSpecies.of(float.class, VectorShape.forBitSize(D.vectorBitSize() / 2));

    static final int LANES = F.length();
    static final int D_LANES = D.length();
    /// Bytes of a vector.
    static final int STEP = F.vectorByteSize();
    static final ByteOrder ORDER = ByteOrder.nativeOrder();
    static final MemorySegment ALL = HostMemory.ALL;

    /// Unaligned layouts spare C2 an alignment test at each access.
    static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
    static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED;
    static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED;
    static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED;

    /// `address & ADDRESS` is `address`, and known to C2 to be neither negative nor near overflow: no bounds checks.
    static final long ADDRESS = Long.MAX_VALUE >> 1;

    private Lanes() {}

    /// Address of element `(row, col)`.
    static long at(Tensor tensor, int row, long col) {
        return tensor.address() + ((long) row * tensor.rowStride() + col) * tensor.dtype().bytes();
    }

    static FloatVector load(long address) {
        return FloatVector.fromMemorySegment(F, ALL, address & ADDRESS, ORDER);
    }

    static FloatVector load(long address, VectorMask<Float> mask) {
        return FloatVector.fromMemorySegment(F, ALL, address & ADDRESS, ORDER, mask);
    }

    static void store(FloatVector vector, long address) {
        vector.intoMemorySegment(ALL, address & ADDRESS, ORDER);
    }

    static void store(FloatVector vector, long address, VectorMask<Float> mask) {
        vector.intoMemorySegment(ALL, address & ADDRESS, ORDER, mask);
    }

    /// `D_LANES` floats as doubles.
    static DoubleVector widen(long address) {
        return (DoubleVector) FloatVector.fromMemorySegment(HALF, ALL, address & ADDRESS, ORDER)
                .convertShape(VectorOperators.F2D, D, 0);
    }

    /// The first `n` lanes, all of them if `n` is larger.
    static VectorMask<Float> first(int n) {
        return F.indexInRange(0, n);
    }

    /// Sum of all lanes, always in the same order. `reduceLanes(ADD)` leaves the order open and uses the freedom:
    /// interpreted and compiled code differ in the last bit, so that one step could give two results.
    static float sum(FloatVector v) {
        float sum = four(v, 0);
        sum += LANES >= 8 ? four(v, 4) : 0;
        return LANES >= 16 ? sum + (four(v, 8) + four(v, 12)) : sum;
    }

    private static float four(FloatVector v, int lane) {
        return (v.lane(lane) + v.lane(lane + 1)) + (v.lane(lane + 2) + v.lane(lane + 3));
    }

    /// The same for doubles.
    static double sum(DoubleVector v) {
        double sum = v.lane(0) + v.lane(1);
        sum += D_LANES >= 4 ? v.lane(2) + v.lane(3) : 0;
        return D_LANES >= 8 ? sum + ((v.lane(4) + v.lane(5)) + (v.lane(6) + v.lane(7))) : sum;
    }

    static float get(long address) {
        return ALL.get(F32, address & ADDRESS);
    }

    static void set(long address, float value) {
        ALL.set(F32, address & ADDRESS, value);
    }

    static int getInt(long address) {
        return ALL.get(I32, address);
    }

    static void setInt(long address, int value) {
        ALL.set(I32, address, value);
    }

    static double getDouble(long address) {
        return ALL.get(F64, address);
    }

    static void setDouble(long address, double value) {
        ALL.set(F64, address, value);
    }
}
