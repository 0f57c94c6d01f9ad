package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.GemmKernel.ADDRESS;
import static dev.lorikeet.tensor.cpu.GemmKernel.FLOAT;
import static dev.lorikeet.tensor.cpu.GemmKernel.ORDER;
import static dev.lorikeet.tensor.cpu.GemmKernel.SPECIES;
import static dev.lorikeet.tensor.cpu.HostMemory.ALL;

import jdk.incubator.vector.FloatVector;

/// The two loops of thin products, which read both operands where they lie: sums of products along two rows ("dots"),
/// and sums of multiples of rows ("axpys"). Addresses and distances of rows are in bytes.
///
/// Each handles eight products of vectors per turn, for six loads, and goes at 55 to 60% of the FMA peak from the
/// first-level cache and at the speed of memory otherwise.
final class GemmThinKernel {
    private static final int LANES = SPECIES.length();
    private static final int VECTOR = GemmKernel.VECTOR;

    /// `offset & OFFSET` is `offset`. A loop whose variable passes through the mask is no counted loop to C2, which
    /// would unroll it and spill, and it needs no bounds checks.
    private static final long OFFSET = Long.MAX_VALUE >> 2;

    private GemmThinKernel() {
    }

    /// Vector `4i + j` at `sums` becomes the lanes of `x[i]·w[j]`, for two rows of `x` and four of `w`; [#dot]
    /// finishes. Rows after `w[last]` repeat it.
    static void dots2x4(long sums, long x, long ldx, long w, long ldw, int last, int k) {
        long x0 = x & ADDRESS, x1 = (x + ldx) & ADDRESS;
        long w0 = w & ADDRESS, w1 = (w + Math.min(1, last) * ldw) & ADDRESS;
        long w2 = (w + Math.min(2, last) * ldw) & ADDRESS, w3 = (w + Math.min(3, last) * ldw) & ADDRESS;
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector s00 = zero, s01 = zero, s02 = zero, s03 = zero;
        FloatVector s10 = zero, s11 = zero, s12 = zero, s13 = zero;
        long end = 4L * SPECIES.loopBound(k);
        for (long p = 0; p != end; p = (p + VECTOR) & OFFSET) {
            FloatVector v0 = FloatVector.fromMemorySegment(SPECIES, ALL, x0 + p, ORDER);
            FloatVector v1 = FloatVector.fromMemorySegment(SPECIES, ALL, x1 + p, ORDER);
            FloatVector u0 = FloatVector.fromMemorySegment(SPECIES, ALL, w0 + p, ORDER);
            s00 = v0.fma(u0, s00); s10 = v1.fma(u0, s10);
            FloatVector u1 = FloatVector.fromMemorySegment(SPECIES, ALL, w1 + p, ORDER);
            s01 = v0.fma(u1, s01); s11 = v1.fma(u1, s11);
            FloatVector u2 = FloatVector.fromMemorySegment(SPECIES, ALL, w2 + p, ORDER);
            s02 = v0.fma(u2, s02); s12 = v1.fma(u2, s12);
            FloatVector u3 = FloatVector.fromMemorySegment(SPECIES, ALL, w3 + p, ORDER);
            s03 = v0.fma(u3, s03); s13 = v1.fma(u3, s13);
        }
        s00.intoMemorySegment(ALL, sums, ORDER); s01.intoMemorySegment(ALL, sums + VECTOR, ORDER);
        s02.intoMemorySegment(ALL, sums + 2 * VECTOR, ORDER); s03.intoMemorySegment(ALL, sums + 3 * VECTOR, ORDER);
        sums += 4 * VECTOR;
        s10.intoMemorySegment(ALL, sums, ORDER); s11.intoMemorySegment(ALL, sums + VECTOR, ORDER);
        s12.intoMemorySegment(ALL, sums + 2 * VECTOR, ORDER); s13.intoMemorySegment(ALL, sums + 3 * VECTOR, ORDER);
    }

    /// The same for one row of `x`.
    static void dots1x4(long sums, long x, long w, long ldw, int last, int k) {
        long x0 = x & ADDRESS;
        long w0 = w & ADDRESS, w1 = (w + Math.min(1, last) * ldw) & ADDRESS;
        long w2 = (w + Math.min(2, last) * ldw) & ADDRESS, w3 = (w + Math.min(3, last) * ldw) & ADDRESS;
        FloatVector s0 = FloatVector.zero(SPECIES), s1 = s0, s2 = s0, s3 = s0;
        long end = 4L * SPECIES.loopBound(k);
        for (long p = 0; p != end; p = (p + VECTOR) & OFFSET) {
            FloatVector v = FloatVector.fromMemorySegment(SPECIES, ALL, x0 + p, ORDER);
            s0 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, w0 + p, ORDER), s0);
            s1 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, w1 + p, ORDER), s1);
            s2 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, w2 + p, ORDER), s2);
            s3 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, w3 + p, ORDER), s3);
        }
        s0.intoMemorySegment(ALL, sums, ORDER); s1.intoMemorySegment(ALL, sums + VECTOR, ORDER);
        s2.intoMemorySegment(ALL, sums + 2 * VECTOR, ORDER); s3.intoMemorySegment(ALL, sums + 3 * VECTOR, ORDER);
    }

    /// The dot of two rows from its vector of partial sums and the products that fill no vector.
    static float dot(long sum, long x, long w, int k) {
        float total = Lanes.sum(FloatVector.fromMemorySegment(SPECIES, ALL, sum & ADDRESS, ORDER));
        for (int p = SPECIES.loopBound(k); p < k; p++) {
            total = Math.fma(ALL.get(FLOAT, x + 4L * p), ALL.get(FLOAT, w + 4L * p), total);
        }
        return total;
    }

    /// `c[i] ← c[i] + Σₚ alpha·a[i·aRow + p·aStep]·b[p]` over `n` columns, for two rows of `c` and four of `b`.
    static void axpys2x4(long c, long ldc, long a, long aRow, long aStep, float alpha, long b, long ldb, int n) {
        FloatVector f00 = factor(a, alpha), f01 = factor(a + aStep, alpha);
        FloatVector f02 = factor(a + 2 * aStep, alpha), f03 = factor(a + 3 * aStep, alpha);
        a += aRow;
        FloatVector f10 = factor(a, alpha), f11 = factor(a + aStep, alpha);
        FloatVector f12 = factor(a + 2 * aStep, alpha), f13 = factor(a + 3 * aStep, alpha);
        long c0 = c & ADDRESS, c1 = (c + ldc) & ADDRESS, b0 = b & ADDRESS, b1 = (b + ldb) & ADDRESS;
        long b2 = (b + 2 * ldb) & ADDRESS, b3 = (b + 3 * ldb) & ADDRESS;
        int end = SPECIES.loopBound(n);
        for (int j = 0; j < end; j += LANES) {
            FloatVector v = FloatVector.fromMemorySegment(SPECIES, ALL, b0 + 4L * j, ORDER);
            FloatVector s0 = f00.fma(v, FloatVector.fromMemorySegment(SPECIES, ALL, c0 + 4L * j, ORDER));
            FloatVector s1 = f10.fma(v, FloatVector.fromMemorySegment(SPECIES, ALL, c1 + 4L * j, ORDER));
            v = FloatVector.fromMemorySegment(SPECIES, ALL, b1 + 4L * j, ORDER);
            s0 = f01.fma(v, s0); s1 = f11.fma(v, s1);
            v = FloatVector.fromMemorySegment(SPECIES, ALL, b2 + 4L * j, ORDER);
            s0 = f02.fma(v, s0); s1 = f12.fma(v, s1);
            v = FloatVector.fromMemorySegment(SPECIES, ALL, b3 + 4L * j, ORDER);
            f03.fma(v, s0).intoMemorySegment(ALL, c0 + 4L * j, ORDER);
            f13.fma(v, s1).intoMemorySegment(ALL, c1 + 4L * j, ORDER);
        }
        a -= aRow;
        for (int p = 0; p < 4 && SPECIES.loopBound(n) < n; p++, a += aStep, b += ldb) {
            axpyTail(c, a, alpha, b, n);
            axpyTail(c + ldc, a + aRow, alpha, b, n);
        }
    }

    /// `c ← c + Σₚ alpha·a[p·aStep]·b[p]` over `n` columns, for four rows of `b`.
    static void axpys1x4(long c, long a, long aStep, float alpha, long b, long ldb, int n) {
        FloatVector f0 = factor(a, alpha), f1 = factor(a + aStep, alpha);
        FloatVector f2 = factor(a + 2 * aStep, alpha), f3 = factor(a + 3 * aStep, alpha);
        long c0 = c & ADDRESS, b0 = b & ADDRESS, b1 = (b + ldb) & ADDRESS;
        long b2 = (b + 2 * ldb) & ADDRESS, b3 = (b + 3 * ldb) & ADDRESS;
        int end = SPECIES.loopBound(n);
        for (int j = 0; j < end; j += LANES) {
            FloatVector s = FloatVector.fromMemorySegment(SPECIES, ALL, c0 + 4L * j, ORDER);
            s = f0.fma(FloatVector.fromMemorySegment(SPECIES, ALL, b0 + 4L * j, ORDER), s);
            s = f1.fma(FloatVector.fromMemorySegment(SPECIES, ALL, b1 + 4L * j, ORDER), s);
            s = f2.fma(FloatVector.fromMemorySegment(SPECIES, ALL, b2 + 4L * j, ORDER), s);
            f3.fma(FloatVector.fromMemorySegment(SPECIES, ALL, b3 + 4L * j, ORDER), s)
                    .intoMemorySegment(ALL, c0 + 4L * j, ORDER);
        }
        for (int p = 0; p < 4 && SPECIES.loopBound(n) < n; p++, a += aStep, b += ldb) {
            axpyTail(c, a, alpha, b, n);
        }
    }

    /// `c ← c + alpha·a·b` over `n` columns, `a` one value.
    static void axpy(long c, long a, float alpha, long b, int n) {
        FloatVector f = factor(a, alpha);
        long c0 = c & ADDRESS, b0 = b & ADDRESS;
        int end = SPECIES.loopBound(n);
        for (int j = 0; j < end; j += LANES) {
            f.fma(FloatVector.fromMemorySegment(SPECIES, ALL, b0 + 4L * j, ORDER),
                    FloatVector.fromMemorySegment(SPECIES, ALL, c0 + 4L * j, ORDER))
                    .intoMemorySegment(ALL, c0 + 4L * j, ORDER);
        }
        axpyTail(c, a, alpha, b, n);
    }

    private static FloatVector factor(long a, float alpha) {
        return FloatVector.broadcast(SPECIES, alpha * ALL.get(FLOAT, a));
    }

    private static void axpyTail(long c, long a, float alpha, long b, int n) {
        float factor = alpha * ALL.get(FLOAT, a);
        for (int j = SPECIES.loopBound(n); j < n; j++) {
            ALL.set(FLOAT, c + 4L * j, Math.fma(factor, ALL.get(FLOAT, b + 4L * j), ALL.get(FLOAT, c + 4L * j)));
        }
    }

    /// `c ← 0` over `n` columns.
    static void clear(long c, int n) {
        long c0 = c & ADDRESS;
        int end = SPECIES.loopBound(n);
        for (int j = 0; j < end; j += LANES) {
            FloatVector.zero(SPECIES).intoMemorySegment(ALL, c0 + 4L * j, ORDER);
        }
        for (int j = end; j < n; j++) {
            ALL.set(FLOAT, c + 4L * j, 0);
        }
    }

    /// `c ← c + b` over `n` columns.
    static void add(long c, long b, int n) {
        long c0 = c & ADDRESS, b0 = b & ADDRESS;
        int end = SPECIES.loopBound(n);
        for (int j = 0; j < end; j += LANES) {
            FloatVector.fromMemorySegment(SPECIES, ALL, b0 + 4L * j, ORDER)
                    .add(FloatVector.fromMemorySegment(SPECIES, ALL, c0 + 4L * j, ORDER))
                    .intoMemorySegment(ALL, c0 + 4L * j, ORDER);
        }
        for (int j = SPECIES.loopBound(n); j < n; j++) {
            ALL.set(FLOAT, c + 4L * j, ALL.get(FLOAT, c + 4L * j) + ALL.get(FLOAT, b + 4L * j));
        }
    }
}
