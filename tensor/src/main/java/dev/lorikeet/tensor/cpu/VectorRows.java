package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.Lanes.ADDRESS;
import static dev.lorikeet.tensor.cpu.Lanes.ALL;
import static dev.lorikeet.tensor.cpu.Lanes.F;
import static dev.lorikeet.tensor.cpu.Lanes.LANES;
import static dev.lorikeet.tensor.cpu.Lanes.ORDER;
import static dev.lorikeet.tensor.cpu.Lanes.STEP;
import static dev.lorikeet.tensor.cpu.Lanes.load;
import static dev.lorikeet.tensor.cpu.Lanes.store;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// What the row kernels are made of: sums, largest elements and exponentials of one run of floats.
///
/// Sums have several accumulators, because an addition takes four cycles and two can begin in each. The order of a sum
/// depends on its length only, so results do not depend on the number of threads.
final class VectorRows {
    /// Exponentials are summed in float over so many elements, and these sums in double.
    private static final int BLOCK = 2048;

    private VectorRows() {}

    /// `Σ x[i]`.
    static float sum(long x, int n) {
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int i = 0;
        for (; i <= n - 4 * LANES; i += 4 * LANES, x += 4L * STEP) {
            s0 = s0.add(FloatVector.fromMemorySegment(F, ALL, x & ADDRESS, ORDER));
            s1 = s1.add(FloatVector.fromMemorySegment(F, ALL, (x + STEP) & ADDRESS, ORDER));
            s2 = s2.add(FloatVector.fromMemorySegment(F, ALL, (x + 2L * STEP) & ADDRESS, ORDER));
            s3 = s3.add(FloatVector.fromMemorySegment(F, ALL, (x + 3L * STEP) & ADDRESS, ORDER));
        }
        for (; i < n; i += LANES, x += STEP) {
            VectorMask<Float> rest = Lanes.first(n - i);
            s0 = s0.add(FloatVector.zero(F).blend(load(x, rest), rest));
        }
        return Lanes.sum(s0.add(s1).add(s2.add(s3)));
    }

    /// `Σ x[i]` in double.
    static double doubleSum(long x, int n) {
        DoubleVector a = DoubleVector.zero(Lanes.D);
        DoubleVector b = a;
        int half = Lanes.D_LANES;
        int i = 0;
        for (; i <= n - 2 * half; i += 2 * half, x += 8L * half) {
            a = a.add(Lanes.widen(x));
            b = b.add(Lanes.widen(x + 4L * half));
        }
        double sum = Lanes.sum(a.add(b));
        for (; i < n; i++, x += 4) {
            sum += Lanes.get(x);
        }
        return sum;
    }

    /// `Σ x[i]²` in double.
    static double sumOfSquares(long x, int n) {
        DoubleVector a = DoubleVector.zero(Lanes.D);
        DoubleVector b = a;
        int half = Lanes.D_LANES;
        int i = 0;
        for (; i <= n - 2 * half; i += 2 * half, x += 8L * half) {
            DoubleVector u = Lanes.widen(x);
            DoubleVector v = Lanes.widen(x + 4L * half);
            a = u.fma(u, a);
            b = v.fma(v, b);
        }
        double sum = Lanes.sum(a.add(b));
        for (; i < n; i++, x += 4) {
            sum += (double) Lanes.get(x) * Lanes.get(x);
        }
        return sum;
    }

    /// `Σ a[i]·b[i]`.
    static float dot(long a, long b, int n) {
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int i = 0;
        for (; i <= n - 4 * LANES; i += 4 * LANES, a += 4L * STEP, b += 4L * STEP) {
            s0 = FloatVector.fromMemorySegment(F, ALL, a & ADDRESS, ORDER)
                    .fma(FloatVector.fromMemorySegment(F, ALL, b & ADDRESS, ORDER), s0);
            s1 = FloatVector.fromMemorySegment(F, ALL, (a + STEP) & ADDRESS, ORDER)
                    .fma(FloatVector.fromMemorySegment(F, ALL, (b + STEP) & ADDRESS, ORDER), s1);
            s2 = FloatVector.fromMemorySegment(F, ALL, (a + 2L * STEP) & ADDRESS, ORDER)
                    .fma(FloatVector.fromMemorySegment(F, ALL, (b + 2L * STEP) & ADDRESS, ORDER), s2);
            s3 = FloatVector.fromMemorySegment(F, ALL, (a + 3L * STEP) & ADDRESS, ORDER)
                    .fma(FloatVector.fromMemorySegment(F, ALL, (b + 3L * STEP) & ADDRESS, ORDER), s3);
        }
        for (; i < n; i += LANES, a += STEP, b += STEP) {
            VectorMask<Float> rest = Lanes.first(n - i);
            s0 = load(a, rest).fma(load(b, rest), s0);
        }
        return Lanes.sum(s0.add(s1).add(s2.add(s3)));
    }

    /// The largest element, NaN left aside; −∞ of none.
    static float max(long x, int n) {
        FloatVector a = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
        FloatVector b = a;
        int i = 0;
        for (; i <= n - 2 * LANES; i += 2 * LANES, x += 2L * STEP) {
            FloatVector u = FloatVector.fromMemorySegment(F, ALL, x & ADDRESS, ORDER);
            FloatVector v = FloatVector.fromMemorySegment(F, ALL, (x + STEP) & ADDRESS, ORDER);
            a = a.blend(u, u.compare(VectorOperators.GT, a));
            b = b.blend(v, v.compare(VectorOperators.GT, b));
        }
        for (; i < n; i += LANES, x += STEP) {
            VectorMask<Float> rest = Lanes.first(n - i);
            FloatVector u = load(x, rest);
            a = a.blend(u, u.compare(VectorOperators.GT, a).and(rest));
        }
        return a.blend(b, b.compare(VectorOperators.GT, a)).reduceLanes(VectorOperators.MAX);
    }

    /// `y[i] ← exp(x[i] − shift)`; returns the sum. In place if `y = x`.
    static double exp(long y, long x, int n, float shift) {
        double sum = 0;
        for (int i = 0; i < n; i += BLOCK) {
            sum += expBlock(y + 4L * i, x + 4L * i, Math.min(BLOCK, n - i), shift);
        }
        return sum;
    }

    /// `Σ exp(x[i] − shift)`.
    static double sumExp(long x, int n, float shift) {
        double sum = 0;
        for (int i = 0; i < n; i += BLOCK) {
            sum += sumExpBlock(x + 4L * i, Math.min(BLOCK, n - i), shift);
        }
        return sum;
    }

    private static float expBlock(long y, long x, int n, float shift) {
        FloatVector sum = FloatVector.zero(F);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, x += STEP, y += STEP) {
            FloatVector z = FloatVector.fromMemorySegment(F, ALL, x & ADDRESS, ORDER).sub(shift);
            FloatVector e = VectorMath.expOfNegative(z);
            e.intoMemorySegment(ALL, y & ADDRESS, ORDER);
            sum = sum.add(e);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            FloatVector e = VectorMath.expOfNegative(load(x, rest).sub(shift));
            store(e, y, rest);
            sum = sum.add(FloatVector.zero(F).blend(e, rest));
        }
        return Lanes.sum(sum);
    }

    private static float sumExpBlock(long x, int n, float shift) {
        FloatVector sum = FloatVector.zero(F);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, x += STEP) {
            FloatVector z = FloatVector.fromMemorySegment(F, ALL, x & ADDRESS, ORDER).sub(shift);
            sum = sum.add(VectorMath.expOfNegative(z));
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            FloatVector e = VectorMath.expOfNegative(load(x, rest).sub(shift));
            sum = sum.add(FloatVector.zero(F).blend(e, rest));
        }
        return Lanes.sum(sum);
    }

    /// Index of the first largest element, as a scan with `>` from element 0 finds it.
    static int argmax(long x, int n) {
        if (n == 0 || Float.isNaN(Lanes.get(x))) {
            return 0;
        }
        float largest = max(x, n);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES) {
            FloatVector u = FloatVector.fromMemorySegment(F, ALL, (x + 4L * i) & ADDRESS, ORDER);
            VectorMask<Float> hit = u.compare(VectorOperators.EQ, largest);
            if (hit.anyTrue()) {
                return i + hit.firstTrue();
            }
        }
        while (Lanes.get(x + 4L * i) != largest) {
            i++;
        }
        return i;
    }
}
