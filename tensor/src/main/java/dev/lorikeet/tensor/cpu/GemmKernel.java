package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.HostMemory.ALL;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// The innermost product: a tile of C, 6 rows by 2 vectors, as a sum of outer products.
///
/// `tile[i][j] = Σₚ a[p·aStep + i]·b[p·bStep + j]`
///
/// Twelve accumulators, two vectors of B and one broadcast value of A fill the sixteen registers of AVX2, and twelve
/// independent chains cover the latency of two FMA units; with wider or narrower vectors the tile becomes 6×32 or 6×8.
///
/// The loop runs at 95% of the FMA peak because of three things that look arbitrary and are not: (1) addresses are
/// bumped, not computed from an index; (2) each is masked with [#ADDRESS], which tells C2 that it is not negative, so
/// that all bounds checks against the all-covering segment disappear (they cost 10%); (3) the loop is *not* unrolled:
/// without checks to hold it back C2 hoists the loads of the next step and spills accumulators (65% of peak). Both
/// methods repeat the loop, and the last lines repeat themselves, because accumulators that pass through a helper are
/// boxed (an eighth of the speed).
final class GemmKernel {
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    static final ByteOrder ORDER = ByteOrder.nativeOrder();
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    /// Rows of a tile.
    static final int ROWS = 6;

    /// Columns of a tile: two vectors.
    static final int COLUMNS = 2 * SPECIES.length();

    /// Bytes of one vector.
    static final int VECTOR = SPECIES.vectorByteSize();

    /// Bytes of one tile.
    static final int TILE = ROWS * 2 * VECTOR;

    /// `address & ADDRESS` is `address`, and known to be neither negative nor near overflow.
    static final long ADDRESS = Long.MAX_VALUE >> 1;

    private GemmKernel() {
    }

    /// `c ← tile`. Addresses and the steps `aStep`, `bStep`, `ldc` (from one row of C to the next) are in bytes.
    static void store(long a, long aStep, long b, long bStep, int k, long c, long ldc) {
        FloatVector c00 = FloatVector.zero(SPECIES), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00;
        FloatVector c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
        for (int p = 0; p < k; p++) {
            long pa = a & ADDRESS, pb = b & ADDRESS;
            FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, ALL, pb, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(SPECIES, ALL, pb + VECTOR, ORDER);
            FloatVector a0 = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, pa));
            c00 = a0.fma(b0, c00); c01 = a0.fma(b1, c01);
            FloatVector a1 = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, pa + 4));
            c10 = a1.fma(b0, c10); c11 = a1.fma(b1, c11);
            FloatVector a2 = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, pa + 8));
            c20 = a2.fma(b0, c20); c21 = a2.fma(b1, c21);
            FloatVector a3 = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, pa + 12));
            c30 = a3.fma(b0, c30); c31 = a3.fma(b1, c31);
            FloatVector a4 = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, pa + 16));
            c40 = a4.fma(b0, c40); c41 = a4.fma(b1, c41);
            FloatVector a5 = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, pa + 20));
            c50 = a5.fma(b0, c50); c51 = a5.fma(b1, c51);
            a += aStep; b += bStep;
        }
        c00.intoMemorySegment(ALL, c, ORDER); c01.intoMemorySegment(ALL, c + VECTOR, ORDER);
        c += ldc;
        c10.intoMemorySegment(ALL, c, ORDER); c11.intoMemorySegment(ALL, c + VECTOR, ORDER);
        c += ldc;
        c20.intoMemorySegment(ALL, c, ORDER); c21.intoMemorySegment(ALL, c + VECTOR, ORDER);
        c += ldc;
        c30.intoMemorySegment(ALL, c, ORDER); c31.intoMemorySegment(ALL, c + VECTOR, ORDER);
        c += ldc;
        c40.intoMemorySegment(ALL, c, ORDER); c41.intoMemorySegment(ALL, c + VECTOR, ORDER);
        c += ldc;
        c50.intoMemorySegment(ALL, c, ORDER); c51.intoMemorySegment(ALL, c + VECTOR, ORDER);
    }

    /// `c ← c + tile`; otherwise as [#store].
    static void add(long a, long aStep, long b, long bStep, int k, long c, long ldc) {
        FloatVector c00 = FloatVector.zero(SPECIES), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00;
        FloatVector c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
        for (int p = 0; p < k; p++) {
            long pa = a & ADDRESS, pb = b & ADDRESS;
            FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, ALL, pb, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(SPECIES, ALL, pb + VECTOR, ORDER);
            FloatVector a0 = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, pa));
            c00 = a0.fma(b0, c00); c01 = a0.fma(b1, c01);
            FloatVector a1 = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, pa + 4));
            c10 = a1.fma(b0, c10); c11 = a1.fma(b1, c11);
            FloatVector a2 = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, pa + 8));
            c20 = a2.fma(b0, c20); c21 = a2.fma(b1, c21);
            FloatVector a3 = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, pa + 12));
            c30 = a3.fma(b0, c30); c31 = a3.fma(b1, c31);
            FloatVector a4 = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, pa + 16));
            c40 = a4.fma(b0, c40); c41 = a4.fma(b1, c41);
            FloatVector a5 = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, pa + 20));
            c50 = a5.fma(b0, c50); c51 = a5.fma(b1, c51);
            a += aStep; b += bStep;
        }
        long d = c + VECTOR;
        c00.add(FloatVector.fromMemorySegment(SPECIES, ALL, c, ORDER)).intoMemorySegment(ALL, c, ORDER);
        c01.add(FloatVector.fromMemorySegment(SPECIES, ALL, d, ORDER)).intoMemorySegment(ALL, d, ORDER);
        c += ldc; d += ldc;
        c10.add(FloatVector.fromMemorySegment(SPECIES, ALL, c, ORDER)).intoMemorySegment(ALL, c, ORDER);
        c11.add(FloatVector.fromMemorySegment(SPECIES, ALL, d, ORDER)).intoMemorySegment(ALL, d, ORDER);
        c += ldc; d += ldc;
        c20.add(FloatVector.fromMemorySegment(SPECIES, ALL, c, ORDER)).intoMemorySegment(ALL, c, ORDER);
        c21.add(FloatVector.fromMemorySegment(SPECIES, ALL, d, ORDER)).intoMemorySegment(ALL, d, ORDER);
        c += ldc; d += ldc;
        c30.add(FloatVector.fromMemorySegment(SPECIES, ALL, c, ORDER)).intoMemorySegment(ALL, c, ORDER);
        c31.add(FloatVector.fromMemorySegment(SPECIES, ALL, d, ORDER)).intoMemorySegment(ALL, d, ORDER);
        c += ldc; d += ldc;
        c40.add(FloatVector.fromMemorySegment(SPECIES, ALL, c, ORDER)).intoMemorySegment(ALL, c, ORDER);
        c41.add(FloatVector.fromMemorySegment(SPECIES, ALL, d, ORDER)).intoMemorySegment(ALL, d, ORDER);
        c += ldc; d += ldc;
        c50.add(FloatVector.fromMemorySegment(SPECIES, ALL, c, ORDER)).intoMemorySegment(ALL, c, ORDER);
        c51.add(FloatVector.fromMemorySegment(SPECIES, ALL, d, ORDER)).intoMemorySegment(ALL, d, ORDER);
    }
}
