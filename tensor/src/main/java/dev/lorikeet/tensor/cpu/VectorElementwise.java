package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.Lanes.ADDRESS;
import static dev.lorikeet.tensor.cpu.Lanes.ALL;
import static dev.lorikeet.tensor.cpu.Lanes.F;
import static dev.lorikeet.tensor.cpu.Lanes.LANES;
import static dev.lorikeet.tensor.cpu.Lanes.ORDER;
import static dev.lorikeet.tensor.cpu.Lanes.STEP;
import static dev.lorikeet.tensor.cpu.Lanes.load;
import static dev.lorikeet.tensor.cpu.Lanes.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Sums and products over runs of floats. Every method allows its destination to be one of its inputs.
final class VectorElementwise {
    private VectorElementwise() {}

    static void fill(long dst, float value, int n) {
        FloatVector v = FloatVector.broadcast(F, value);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dst += STEP) {
            v.intoMemorySegment(ALL, dst & ADDRESS, ORDER);
        }
        if (i < n) {
            store(v, dst, Lanes.first(n - i));
        }
    }

    /// `dst ← alpha·src`.
    static void scale(long dst, float alpha, long src, int n) {
        FloatVector a = FloatVector.broadcast(F, alpha);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dst += STEP, src += STEP) {
            FloatVector.fromMemorySegment(F, ALL, src & ADDRESS, ORDER).mul(a)
                    .intoMemorySegment(ALL, dst & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            store(load(src, rest).mul(a), dst, rest);
        }
    }

    /// `dst ← alpha·src + beta·dst`; `dst` is not read if `beta = 0`.
    static void axpby(long dst, float alpha, long src, float beta, int n) {
        if (beta == 0) {
            scale(dst, alpha, src, n);
            return;
        }
        FloatVector a = FloatVector.broadcast(F, alpha);
        FloatVector b = FloatVector.broadcast(F, beta);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dst += STEP, src += STEP) {
            FloatVector x = FloatVector.fromMemorySegment(F, ALL, src & ADDRESS, ORDER);
            FloatVector old = FloatVector.fromMemorySegment(F, ALL, dst & ADDRESS, ORDER);
            x.fma(a, old.mul(b)).intoMemorySegment(ALL, dst & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            store(load(src, rest).fma(a, load(dst, rest).mul(b)), dst, rest);
        }
    }

    /// `dst ← beta·dst`; zeros if `beta = 0`.
    static void scaleInPlace(long dst, float beta, int n) {
        if (beta == 0) {
            fill(dst, 0, n);
        } else if (beta != 1) {
            scale(dst, beta, dst, n);
        }
    }

    /// `dst ← a + b`.
    static void add(long dst, long a, long b, int n) {
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dst += STEP, a += STEP, b += STEP) {
            FloatVector x = FloatVector.fromMemorySegment(F, ALL, a & ADDRESS, ORDER);
            FloatVector y = FloatVector.fromMemorySegment(F, ALL, b & ADDRESS, ORDER);
            x.add(y).intoMemorySegment(ALL, dst & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            store(load(a, rest).add(load(b, rest)), dst, rest);
        }
    }

    /// `dst ← a∘b`.
    static void multiply(long dst, long a, long b, int n) {
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dst += STEP, a += STEP, b += STEP) {
            FloatVector x = FloatVector.fromMemorySegment(F, ALL, a & ADDRESS, ORDER);
            FloatVector y = FloatVector.fromMemorySegment(F, ALL, b & ADDRESS, ORDER);
            x.mul(y).intoMemorySegment(ALL, dst & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            store(load(a, rest).mul(load(b, rest)), dst, rest);
        }
    }

    /// `dst ← beta·dst + a∘b`.
    static void multiplyAdd(long dst, long a, long b, float beta, int n) {
        FloatVector v = FloatVector.broadcast(F, beta);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dst += STEP, a += STEP, b += STEP) {
            FloatVector x = FloatVector.fromMemorySegment(F, ALL, a & ADDRESS, ORDER);
            FloatVector y = FloatVector.fromMemorySegment(F, ALL, b & ADDRESS, ORDER);
            FloatVector old = FloatVector.fromMemorySegment(F, ALL, dst & ADDRESS, ORDER);
            x.fma(y, old.mul(v)).intoMemorySegment(ALL, dst & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            store(load(a, rest).fma(load(b, rest), load(dst, rest).mul(v)), dst, rest);
        }
    }
}
