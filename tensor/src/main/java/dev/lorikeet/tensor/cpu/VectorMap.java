package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.Lanes.ADDRESS;
import static dev.lorikeet.tensor.cpu.Lanes.ALL;
import static dev.lorikeet.tensor.cpu.Lanes.F;
import static dev.lorikeet.tensor.cpu.Lanes.LANES;
import static dev.lorikeet.tensor.cpu.Lanes.ORDER;
import static dev.lorikeet.tensor.cpu.Lanes.STEP;
import static dev.lorikeet.tensor.cpu.Lanes.load;
import static dev.lorikeet.tensor.cpu.Lanes.store;

import dev.lorikeet.tensor.UnaryFunction;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// `dst[i] ← f(src[i])` over runs of floats: one loop per function, because a loop that called the function through an
/// interface would be compiled once for all of them and allocate every vector.
///
/// Errors are about one unit in the last place, up to four for composed functions, six for GELU_ERF. The exception is
/// the tail of GELU_TANH below −1, where the relative error grows like `x²` while the value vanishes like `e^(−x²)`.
final class VectorMap {
    private static final float GELU_LINEAR = (float) (2 * Math.sqrt(2 / Math.PI));
    private static final float GELU_CUBIC = (float) (2 * Math.sqrt(2 / Math.PI) * 0.044715);

    private VectorMap() {}

    static void run(UnaryFunction f, long dst, long src, int n) {
        switch (f) {
            case GELU_TANH -> geluTanh(dst, src, n);
            case GELU_ERF -> geluErf(dst, src, n);
            case RELU -> relu(dst, src, n);
            case LEAKY_RELU -> leakyRelu(dst, src, n);
            case TANH -> tanh(dst, src, n);
            case SIGMOID -> sigmoid(dst, src, n);
            case SILU -> silu(dst, src, n);
            case SOFTPLUS -> softplus(dst, src, n);
            case EXP -> exp(dst, src, n);
            case LOG -> log(dst, src, n);
            case SQRT -> sqrt(dst, src, n);
            case RSQRT -> rsqrt(dst, src, n);
            case RECIPROCAL -> reciprocal(dst, src, n);
        }
    }

    /// `x·σ(2√(2/π)(x + 0.044715x³))`: `½(1 + tanh u) = σ(2u)`, without cancellation.
    private static FloatVector geluTanh(FloatVector x) {
        FloatVector square = x.mul(x);
        FloatVector slope = square.fma(FloatVector.broadcast(F, GELU_CUBIC), FloatVector.broadcast(F, GELU_LINEAR));
        return x.mul(VectorMath.sigmoid(x.mul(slope)));
    }

    /// `x·Φ(x)`.
    private static FloatVector geluErf(FloatVector x) {
        return x.mul(VectorMath.normalCdf(x, VectorMath.expOfMinusHalfSquare(x)));
    }

    private static FloatVector relu(FloatVector x) {
        return x.blend(0f, x.compare(VectorOperators.LE, 0f));
    }

    private static FloatVector leakyRelu(FloatVector x) {
        return x.blend(x.mul(0.01f), x.compare(VectorOperators.LT, 0f));
    }

    private static FloatVector tanh(FloatVector x) {
        return VectorMath.tanh(x);
    }

    private static FloatVector sigmoid(FloatVector x) {
        return VectorMath.sigmoid(x);
    }

    private static FloatVector silu(FloatVector x) {
        return x.mul(VectorMath.sigmoid(x));
    }

    private static FloatVector exp(FloatVector x) {
        return VectorMath.exp(x);
    }

    private static FloatVector sqrt(FloatVector x) {
        return x.sqrt();
    }

    private static FloatVector rsqrt(FloatVector x) {
        return FloatVector.broadcast(F, 1f).div(x.sqrt());
    }

    private static FloatVector reciprocal(FloatVector x) {
        return FloatVector.broadcast(F, 1f).div(x);
    }

    private static void geluTanh(long dst, long src, int n) {
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dst += STEP, src += STEP) {
            geluTanh(FloatVector.fromMemorySegment(F, ALL, src & ADDRESS, ORDER))
                    .intoMemorySegment(ALL, dst & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            store(geluTanh(load(src, rest)), dst, rest);
        }
    }

    private static void geluErf(long dst, long src, int n) {
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dst += STEP, src += STEP) {
            geluErf(FloatVector.fromMemorySegment(F, ALL, src & ADDRESS, ORDER))
                    .intoMemorySegment(ALL, dst & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            store(geluErf(load(src, rest)), dst, rest);
        }
    }

    private static void relu(long dst, long src, int n) {
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dst += STEP, src += STEP) {
            relu(FloatVector.fromMemorySegment(F, ALL, src & ADDRESS, ORDER))
                    .intoMemorySegment(ALL, dst & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            store(relu(load(src, rest)), dst, rest);
        }
    }

    private static void leakyRelu(long dst, long src, int n) {
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dst += STEP, src += STEP) {
            leakyRelu(FloatVector.fromMemorySegment(F, ALL, src & ADDRESS, ORDER))
                    .intoMemorySegment(ALL, dst & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            store(leakyRelu(load(src, rest)), dst, rest);
        }
    }

    private static void tanh(long dst, long src, int n) {
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dst += STEP, src += STEP) {
            tanh(FloatVector.fromMemorySegment(F, ALL, src & ADDRESS, ORDER))
                    .intoMemorySegment(ALL, dst & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            store(tanh(load(src, rest)), dst, rest);
        }
    }

    private static void sigmoid(long dst, long src, int n) {
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dst += STEP, src += STEP) {
            sigmoid(FloatVector.fromMemorySegment(F, ALL, src & ADDRESS, ORDER))
                    .intoMemorySegment(ALL, dst & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            store(sigmoid(load(src, rest)), dst, rest);
        }
    }

    private static void silu(long dst, long src, int n) {
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dst += STEP, src += STEP) {
            silu(FloatVector.fromMemorySegment(F, ALL, src & ADDRESS, ORDER))
                    .intoMemorySegment(ALL, dst & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            store(silu(load(src, rest)), dst, rest);
        }
    }

    private static void exp(long dst, long src, int n) {
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dst += STEP, src += STEP) {
            exp(FloatVector.fromMemorySegment(F, ALL, src & ADDRESS, ORDER))
                    .intoMemorySegment(ALL, dst & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            store(exp(load(src, rest)), dst, rest);
        }
    }

    private static void sqrt(long dst, long src, int n) {
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dst += STEP, src += STEP) {
            sqrt(FloatVector.fromMemorySegment(F, ALL, src & ADDRESS, ORDER))
                    .intoMemorySegment(ALL, dst & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            store(sqrt(load(src, rest)), dst, rest);
        }
    }

    private static void rsqrt(long dst, long src, int n) {
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dst += STEP, src += STEP) {
            rsqrt(FloatVector.fromMemorySegment(F, ALL, src & ADDRESS, ORDER))
                    .intoMemorySegment(ALL, dst & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            store(rsqrt(load(src, rest)), dst, rest);
        }
    }

    private static void reciprocal(long dst, long src, int n) {
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dst += STEP, src += STEP) {
            reciprocal(FloatVector.fromMemorySegment(F, ALL, src & ADDRESS, ORDER))
                    .intoMemorySegment(ALL, dst & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            store(reciprocal(load(src, rest)), dst, rest);
        }
    }

    /// Logarithms are rare in a network and taken in double, one by one.
    private static void softplus(long dst, long src, int n) {
        for (int i = 0; i < n; i++) {
            double x = Lanes.get(src + 4L * i);
            Lanes.set(dst + 4L * i, (float) (Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))));
        }
    }

    private static void log(long dst, long src, int n) {
        for (int i = 0; i < n; i++) {
            Lanes.set(dst + 4L * i, (float) Math.log(Lanes.get(src + 4L * i)));
        }
    }
}
