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

/// `dx[i] ← beta·dx[i] + dy[i]·f′(x[i])` over runs of floats, the derivatives of [VectorMap]'s functions. With `e =
/// e^−|x|` the derivatives of the sigmoid family need no subtraction: `σ(x)·σ(−x) = e/(1 + e)²`.
final class VectorMapBackward {
    private static final float GELU_LINEAR = (float) (2 * Math.sqrt(2 / Math.PI));
    private static final float GELU_CUBIC = (float) (2 * Math.sqrt(2 / Math.PI) * 0.044715);
    private static final float INV_ROOT_2_PI = (float) (1 / Math.sqrt(2 * Math.PI));

    private VectorMapBackward() {}

    static void run(UnaryFunction f, long dx, long dy, long x, int n, float beta) {
        switch (f) {
            case GELU_TANH -> geluTanh(dx, dy, x, n, beta);
            case GELU_ERF -> geluErf(dx, dy, x, n, beta);
            case RELU -> relu(dx, dy, x, n, beta);
            case LEAKY_RELU -> leakyRelu(dx, dy, x, n, beta);
            case TANH -> tanh(dx, dy, x, n, beta);
            case SIGMOID -> sigmoid(dx, dy, x, n, beta);
            case SILU -> silu(dx, dy, x, n, beta);
            case SOFTPLUS -> softplus(dx, dy, x, n, beta);
            case EXP -> exp(dx, dy, x, n, beta);
            case LOG -> log(dx, dy, x, n, beta);
            case SQRT -> sqrt(dx, dy, x, n, beta);
            case RSQRT -> rsqrt(dx, dy, x, n, beta);
            case RECIPROCAL -> reciprocal(dx, dy, x, n, beta);
        }
    }

    private static FloatVector ones() {
        return FloatVector.broadcast(F, 1f);
    }

    /// `beta·old + g` in the last few elements; the old value is not read if `beta = 0`.
    private static void put(long dx, FloatVector g, float beta, VectorMask<Float> rest) {
        store(beta == 0 ? g : load(dx, rest).fma(FloatVector.broadcast(F, beta), g), dx, rest);
    }

    /// `σ(u) + x·σ(u)·σ(−u)·u′`, `u = 2√(2/π)(x + 0.044715x³)`.
    private static FloatVector geluTanh(FloatVector x) {
        FloatVector square = x.mul(x);
        FloatVector u = x.mul(square.fma(FloatVector.broadcast(F, GELU_CUBIC), FloatVector.broadcast(F, GELU_LINEAR)));
        FloatVector e = VectorMath.expOfNegative(u.abs().neg());
        FloatVector upper = ones().div(e.add(1f));
        FloatVector lower = upper.mul(e);
        FloatVector s = upper.blend(lower, u.compare(VectorOperators.LT, 0f));
        // Where σ(u)σ(−u) is 0 its factor must stay finite: beyond |x| = 16 it is frozen.
        FloatVector bounded = square.blend(256f, square.compare(VectorOperators.GT, 256f));
        FloatVector du = bounded.fma(FloatVector.broadcast(F, 3 * GELU_CUBIC), FloatVector.broadcast(F, GELU_LINEAR));
        return x.mul(upper.mul(lower)).fma(du, s);
    }

    /// `Φ(x) + x·φ(x)`, `φ(x) = e^(−x²/2)/√(2π)`.
    private static FloatVector geluErf(FloatVector x) {
        FloatVector e = VectorMath.expOfMinusHalfSquare(x);
        return x.mul(e).fma(FloatVector.broadcast(F, INV_ROOT_2_PI), VectorMath.normalCdf(x, e));
    }

    /// `1/cosh²x = 4e/(1 + e)²`, `e = e^−2|x|`.
    private static FloatVector tanh(FloatVector x) {
        FloatVector e = VectorMath.expOfNegative(x.abs().mul(-2f));
        FloatVector d = e.add(1f);
        return e.mul(4f).div(d.mul(d));
    }

    private static FloatVector sigmoid(FloatVector x) {
        FloatVector e = VectorMath.expOfNegative(x.abs().neg());
        FloatVector d = e.add(1f);
        return e.div(d.mul(d));
    }

    /// `σ(x) + x·σ(x)·σ(−x)`.
    private static FloatVector silu(FloatVector x) {
        FloatVector e = VectorMath.expOfNegative(x.abs().neg());
        FloatVector upper = ones().div(e.add(1f));
        FloatVector lower = upper.mul(e);
        FloatVector s = upper.blend(lower, x.compare(VectorOperators.LT, 0f));
        return x.fma(upper.mul(lower), s);
    }

    private static FloatVector relu(FloatVector x) {
        return FloatVector.zero(F).blend(1f, x.compare(VectorOperators.GT, 0f));
    }

    private static FloatVector leakyRelu(FloatVector x) {
        return FloatVector.broadcast(F, 0.01f).blend(1f, x.compare(VectorOperators.GT, 0f));
    }

    private static FloatVector softplus(FloatVector x) {
        return VectorMath.sigmoid(x);
    }

    private static FloatVector exp(FloatVector x) {
        return VectorMath.exp(x);
    }

    private static FloatVector log(FloatVector x) {
        return ones().div(x);
    }

    private static FloatVector sqrt(FloatVector x) {
        return FloatVector.broadcast(F, 0.5f).div(x.sqrt());
    }

    private static FloatVector rsqrt(FloatVector x) {
        return FloatVector.broadcast(F, -0.5f).div(x.sqrt()).div(x);
    }

    private static FloatVector reciprocal(FloatVector x) {
        return FloatVector.broadcast(F, -1f).div(x).div(x);
    }

    private static void geluTanh(long dx, long dy, long x, int n, float beta) {
        FloatVector factor = FloatVector.broadcast(F, beta);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dx += STEP, dy += STEP, x += STEP) {
            FloatVector g = geluTanh(FloatVector.fromMemorySegment(F, ALL, x & ADDRESS, ORDER))
                    .mul(FloatVector.fromMemorySegment(F, ALL, dy & ADDRESS, ORDER));
            if (beta != 0) {
                g = FloatVector.fromMemorySegment(F, ALL, dx & ADDRESS, ORDER).fma(factor, g);
            }
            g.intoMemorySegment(ALL, dx & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            put(dx, load(dy, rest).mul(geluTanh(load(x, rest))), beta, rest);
        }
    }

    private static void geluErf(long dx, long dy, long x, int n, float beta) {
        FloatVector factor = FloatVector.broadcast(F, beta);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dx += STEP, dy += STEP, x += STEP) {
            FloatVector g = geluErf(FloatVector.fromMemorySegment(F, ALL, x & ADDRESS, ORDER))
                    .mul(FloatVector.fromMemorySegment(F, ALL, dy & ADDRESS, ORDER));
            if (beta != 0) {
                g = FloatVector.fromMemorySegment(F, ALL, dx & ADDRESS, ORDER).fma(factor, g);
            }
            g.intoMemorySegment(ALL, dx & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            put(dx, load(dy, rest).mul(geluErf(load(x, rest))), beta, rest);
        }
    }

    private static void relu(long dx, long dy, long x, int n, float beta) {
        FloatVector factor = FloatVector.broadcast(F, beta);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dx += STEP, dy += STEP, x += STEP) {
            FloatVector g = relu(FloatVector.fromMemorySegment(F, ALL, x & ADDRESS, ORDER))
                    .mul(FloatVector.fromMemorySegment(F, ALL, dy & ADDRESS, ORDER));
            if (beta != 0) {
                g = FloatVector.fromMemorySegment(F, ALL, dx & ADDRESS, ORDER).fma(factor, g);
            }
            g.intoMemorySegment(ALL, dx & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            put(dx, load(dy, rest).mul(relu(load(x, rest))), beta, rest);
        }
    }

    private static void leakyRelu(long dx, long dy, long x, int n, float beta) {
        FloatVector factor = FloatVector.broadcast(F, beta);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dx += STEP, dy += STEP, x += STEP) {
            FloatVector g = leakyRelu(FloatVector.fromMemorySegment(F, ALL, x & ADDRESS, ORDER))
                    .mul(FloatVector.fromMemorySegment(F, ALL, dy & ADDRESS, ORDER));
            if (beta != 0) {
                g = FloatVector.fromMemorySegment(F, ALL, dx & ADDRESS, ORDER).fma(factor, g);
            }
            g.intoMemorySegment(ALL, dx & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            put(dx, load(dy, rest).mul(leakyRelu(load(x, rest))), beta, rest);
        }
    }

    private static void tanh(long dx, long dy, long x, int n, float beta) {
        FloatVector factor = FloatVector.broadcast(F, beta);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dx += STEP, dy += STEP, x += STEP) {
            FloatVector g = tanh(FloatVector.fromMemorySegment(F, ALL, x & ADDRESS, ORDER))
                    .mul(FloatVector.fromMemorySegment(F, ALL, dy & ADDRESS, ORDER));
            if (beta != 0) {
                g = FloatVector.fromMemorySegment(F, ALL, dx & ADDRESS, ORDER).fma(factor, g);
            }
            g.intoMemorySegment(ALL, dx & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            put(dx, load(dy, rest).mul(tanh(load(x, rest))), beta, rest);
        }
    }

    private static void sigmoid(long dx, long dy, long x, int n, float beta) {
        FloatVector factor = FloatVector.broadcast(F, beta);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dx += STEP, dy += STEP, x += STEP) {
            FloatVector g = sigmoid(FloatVector.fromMemorySegment(F, ALL, x & ADDRESS, ORDER))
                    .mul(FloatVector.fromMemorySegment(F, ALL, dy & ADDRESS, ORDER));
            if (beta != 0) {
                g = FloatVector.fromMemorySegment(F, ALL, dx & ADDRESS, ORDER).fma(factor, g);
            }
            g.intoMemorySegment(ALL, dx & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            put(dx, load(dy, rest).mul(sigmoid(load(x, rest))), beta, rest);
        }
    }

    private static void silu(long dx, long dy, long x, int n, float beta) {
        FloatVector factor = FloatVector.broadcast(F, beta);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dx += STEP, dy += STEP, x += STEP) {
            FloatVector g = silu(FloatVector.fromMemorySegment(F, ALL, x & ADDRESS, ORDER))
                    .mul(FloatVector.fromMemorySegment(F, ALL, dy & ADDRESS, ORDER));
            if (beta != 0) {
                g = FloatVector.fromMemorySegment(F, ALL, dx & ADDRESS, ORDER).fma(factor, g);
            }
            g.intoMemorySegment(ALL, dx & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            put(dx, load(dy, rest).mul(silu(load(x, rest))), beta, rest);
        }
    }

    private static void softplus(long dx, long dy, long x, int n, float beta) {
        FloatVector factor = FloatVector.broadcast(F, beta);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dx += STEP, dy += STEP, x += STEP) {
            FloatVector g = softplus(FloatVector.fromMemorySegment(F, ALL, x & ADDRESS, ORDER))
                    .mul(FloatVector.fromMemorySegment(F, ALL, dy & ADDRESS, ORDER));
            if (beta != 0) {
                g = FloatVector.fromMemorySegment(F, ALL, dx & ADDRESS, ORDER).fma(factor, g);
            }
            g.intoMemorySegment(ALL, dx & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            put(dx, load(dy, rest).mul(softplus(load(x, rest))), beta, rest);
        }
    }

    private static void exp(long dx, long dy, long x, int n, float beta) {
        FloatVector factor = FloatVector.broadcast(F, beta);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dx += STEP, dy += STEP, x += STEP) {
            FloatVector g = exp(FloatVector.fromMemorySegment(F, ALL, x & ADDRESS, ORDER))
                    .mul(FloatVector.fromMemorySegment(F, ALL, dy & ADDRESS, ORDER));
            if (beta != 0) {
                g = FloatVector.fromMemorySegment(F, ALL, dx & ADDRESS, ORDER).fma(factor, g);
            }
            g.intoMemorySegment(ALL, dx & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            put(dx, load(dy, rest).mul(exp(load(x, rest))), beta, rest);
        }
    }

    private static void log(long dx, long dy, long x, int n, float beta) {
        FloatVector factor = FloatVector.broadcast(F, beta);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dx += STEP, dy += STEP, x += STEP) {
            FloatVector g = log(FloatVector.fromMemorySegment(F, ALL, x & ADDRESS, ORDER))
                    .mul(FloatVector.fromMemorySegment(F, ALL, dy & ADDRESS, ORDER));
            if (beta != 0) {
                g = FloatVector.fromMemorySegment(F, ALL, dx & ADDRESS, ORDER).fma(factor, g);
            }
            g.intoMemorySegment(ALL, dx & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            put(dx, load(dy, rest).mul(log(load(x, rest))), beta, rest);
        }
    }

    private static void sqrt(long dx, long dy, long x, int n, float beta) {
        FloatVector factor = FloatVector.broadcast(F, beta);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dx += STEP, dy += STEP, x += STEP) {
            FloatVector g = sqrt(FloatVector.fromMemorySegment(F, ALL, x & ADDRESS, ORDER))
                    .mul(FloatVector.fromMemorySegment(F, ALL, dy & ADDRESS, ORDER));
            if (beta != 0) {
                g = FloatVector.fromMemorySegment(F, ALL, dx & ADDRESS, ORDER).fma(factor, g);
            }
            g.intoMemorySegment(ALL, dx & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            put(dx, load(dy, rest).mul(sqrt(load(x, rest))), beta, rest);
        }
    }

    private static void rsqrt(long dx, long dy, long x, int n, float beta) {
        FloatVector factor = FloatVector.broadcast(F, beta);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dx += STEP, dy += STEP, x += STEP) {
            FloatVector g = rsqrt(FloatVector.fromMemorySegment(F, ALL, x & ADDRESS, ORDER))
                    .mul(FloatVector.fromMemorySegment(F, ALL, dy & ADDRESS, ORDER));
            if (beta != 0) {
                g = FloatVector.fromMemorySegment(F, ALL, dx & ADDRESS, ORDER).fma(factor, g);
            }
            g.intoMemorySegment(ALL, dx & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            put(dx, load(dy, rest).mul(rsqrt(load(x, rest))), beta, rest);
        }
    }

    private static void reciprocal(long dx, long dy, long x, int n, float beta) {
        FloatVector factor = FloatVector.broadcast(F, beta);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dx += STEP, dy += STEP, x += STEP) {
            FloatVector g = reciprocal(FloatVector.fromMemorySegment(F, ALL, x & ADDRESS, ORDER))
                    .mul(FloatVector.fromMemorySegment(F, ALL, dy & ADDRESS, ORDER));
            if (beta != 0) {
                g = FloatVector.fromMemorySegment(F, ALL, dx & ADDRESS, ORDER).fma(factor, g);
            }
            g.intoMemorySegment(ALL, dx & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            put(dx, load(dy, rest).mul(reciprocal(load(x, rest))), beta, rest);
        }
    }
}
