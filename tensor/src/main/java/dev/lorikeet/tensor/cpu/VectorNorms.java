package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.Lanes.ADDRESS;
import static dev.lorikeet.tensor.cpu.Lanes.ALL;
import static dev.lorikeet.tensor.cpu.Lanes.F;
import static dev.lorikeet.tensor.cpu.Lanes.LANES;
import static dev.lorikeet.tensor.cpu.Lanes.ORDER;
import static dev.lorikeet.tensor.cpu.Lanes.STEP;
import static dev.lorikeet.tensor.cpu.Lanes.load;
import static dev.lorikeet.tensor.cpu.Lanes.store;

import dev.lorikeet.tensor.Tensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Layer normalisation and softmax, a row at a time: every pass but the first finds its row in the first-level cache.
/// The formulas stand in [dev.lorikeet.tensor.Kernels].
final class VectorNorms {
    private VectorNorms() {}

    /// Rows `from … to − 1` of the forward pass.
    static void layerNorm(
            Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor weight, Tensor bias, double eps, int from, int to) {
        int C = x.cols();
        for (int row = from; row < to; row++) {
            long in = Lanes.at(x, row, 0);
            long out = Lanes.at(y, row, 0);
            float middle = VectorRows.sum(in, C) / C;
            moments(in, middle, C, eps, mean.address() + 4L * row, rstd.address() + 4L * row);
            float low = Lanes.get(mean.address() + 4L * row);
            float r = Lanes.get(rstd.address() + 4L * row);
            Lanes.set(mean.address() + 4L * row, middle + low);
            if (weight != null && bias != null) {
                normaliseAffine(out, in, middle, -low * r, r, weight.address(), bias.address(), C);
            } else {
                normalise(out, in, middle, -low * r, r, C);
                if (weight != null) {
                    VectorElementwise.multiply(out, out, weight.address(), C);
                }
                if (bias != null) {
                    VectorElementwise.add(out, out, bias.address(), C);
                }
            }
        }
    }

    /// Writes what the mean is beyond `middle`, which is the mean but for the rounding of its sum, and `1/√(σ² + eps)`.
    ///
    /// With `d = x − middle` the rest is `Σd/n` and `σ² = Σd²/n − (Σd/n)²`. As the rest is tiny nothing cancels, as it
    /// does in `E[x²] − E[x]²`, and rows far from 0 keep their digits.
    private static void moments(long x, float middle, int n, double eps, long rest, long rstd) {
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = s0;
        FloatVector q0 = s0;
        FloatVector q1 = s0;
        int i = 0;
        for (; i <= n - 2 * LANES; i += 2 * LANES, x += 2L * STEP) {
            FloatVector u = FloatVector.fromMemorySegment(F, ALL, x & ADDRESS, ORDER).sub(middle);
            FloatVector v = FloatVector.fromMemorySegment(F, ALL, (x + STEP) & ADDRESS, ORDER).sub(middle);
            s0 = s0.add(u);
            s1 = s1.add(v);
            q0 = u.fma(u, q0);
            q1 = v.fma(v, q1);
        }
        for (; i < n; i += LANES, x += STEP) {
            VectorMask<Float> last = Lanes.first(n - i);
            FloatVector u = FloatVector.zero(F).blend(load(x, last).sub(middle), last);
            s0 = s0.add(u);
            q0 = u.fma(u, q0);
        }
        double low = (double) Lanes.sum(s0.add(s1)) / n;
        double variance = Math.max(0, (double) Lanes.sum(q0.add(q1)) / n - low * low);
        Lanes.set(rest, (float) low);
        Lanes.set(rstd, (float) (1 / Math.sqrt(variance + eps)));
    }

    /// `y ← x̂·w + b`, `x̂ = (x − middle)·r + offset`.
    private static void normaliseAffine(
            long y, long x, float middle, float offset, float r, long w, long b, int n) {
        FloatVector factor = FloatVector.broadcast(F, r);
        FloatVector shift = FloatVector.broadcast(F, offset);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, x += STEP, y += STEP, w += STEP, b += STEP) {
            FloatVector normal =
                    FloatVector.fromMemorySegment(F, ALL, x & ADDRESS, ORDER).sub(middle).fma(factor, shift);
            FloatVector weight = FloatVector.fromMemorySegment(F, ALL, w & ADDRESS, ORDER);
            FloatVector bias = FloatVector.fromMemorySegment(F, ALL, b & ADDRESS, ORDER);
            normal.fma(weight, bias).intoMemorySegment(ALL, y & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            store(load(x, rest).sub(middle).fma(factor, shift).fma(load(w, rest), load(b, rest)), y, rest);
        }
    }

    /// `y ← (x − middle)·r + offset`.
    private static void normalise(long y, long x, float middle, float offset, float r, int n) {
        FloatVector factor = FloatVector.broadcast(F, r);
        FloatVector shift = FloatVector.broadcast(F, offset);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, x += STEP, y += STEP) {
            FloatVector.fromMemorySegment(F, ALL, x & ADDRESS, ORDER).sub(middle).fma(factor, shift)
                    .intoMemorySegment(ALL, y & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            store(load(x, rest).sub(middle).fma(factor, shift), y, rest);
        }
    }

    /// Rows `from … to − 1` of the gradient of the input. Without a weight, `g = dy`.
    static void layerNormBackward(
            Tensor dx, Tensor dy, Tensor x, Tensor mean, Tensor rstd, Tensor weight, float beta, int from, int to) {
        int C = x.cols();
        for (int row = from; row < to; row++) {
            long in = Lanes.at(x, row, 0);
            long up = Lanes.at(dy, row, 0);
            long out = Lanes.at(dx, row, 0);
            float m = Lanes.get(mean.address() + 4L * row);
            float r = Lanes.get(rstd.address() + 4L * row);
            if (weight == null) {
                float meanG = VectorRows.sum(up, C) / C;
                float meanGNormal = dotNormal(up, in, m, C) * r / C;
                gradient(out, up, in, m, r, meanG, meanGNormal, beta, C);
            } else {
                long w = weight.address();
                float meanG = VectorRows.dot(up, w, C) / C;
                float meanGNormal = dotNormal(up, in, w, m, C) * r / C;
                gradient(out, up, in, w, m, r, meanG, meanGNormal, beta, C);
            }
        }
    }

    /// `Σ g·(x − m)`.
    private static float dotNormal(long g, long x, float m, int n) {
        FloatVector a = FloatVector.zero(F);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, g += STEP, x += STEP) {
            a = FloatVector.fromMemorySegment(F, ALL, g & ADDRESS, ORDER)
                    .fma(FloatVector.fromMemorySegment(F, ALL, x & ADDRESS, ORDER).sub(m), a);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            a = load(g, rest).fma(load(x, rest).sub(m), a);
        }
        return Lanes.sum(a);
    }

    /// `Σ dy·w·(x − m)`.
    private static float dotNormal(long dy, long x, long w, float m, int n) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        int i = 0;
        for (; i <= n - 2 * LANES; i += 2 * LANES, dy += 2L * STEP, x += 2L * STEP, w += 2L * STEP) {
            FloatVector g = FloatVector.fromMemorySegment(F, ALL, dy & ADDRESS, ORDER)
                    .mul(FloatVector.fromMemorySegment(F, ALL, w & ADDRESS, ORDER));
            a = g.fma(FloatVector.fromMemorySegment(F, ALL, x & ADDRESS, ORDER).sub(m), a);
            g = FloatVector.fromMemorySegment(F, ALL, (dy + STEP) & ADDRESS, ORDER)
                    .mul(FloatVector.fromMemorySegment(F, ALL, (w + STEP) & ADDRESS, ORDER));
            b = g.fma(FloatVector.fromMemorySegment(F, ALL, (x + STEP) & ADDRESS, ORDER).sub(m), b);
        }
        for (; i < n; i += LANES, dy += STEP, x += STEP, w += STEP) {
            VectorMask<Float> rest = Lanes.first(n - i);
            a = load(dy, rest).mul(load(w, rest)).fma(load(x, rest).sub(m), a);
        }
        return Lanes.sum(a.add(b));
    }

    /// `dx ← beta·dx + r·(g − meanG − x̂·meanGNormal)`, `x̂ = (x − m)·r`, as `r·((g − meanG) + (x − m)·a)`:
    /// one column gives exactly 0.
    private static void gradient(
            long dx, long g, long x, float m, float r, float meanG, float meanGNormal, float beta, int n) {
        FloatVector a = FloatVector.broadcast(F, -r * meanGNormal);
        FloatVector factor = FloatVector.broadcast(F, beta);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dx += STEP, g += STEP, x += STEP) {
            FloatVector centred = FloatVector.fromMemorySegment(F, ALL, g & ADDRESS, ORDER).sub(meanG);
            FloatVector slope = FloatVector.fromMemorySegment(F, ALL, x & ADDRESS, ORDER).sub(m).fma(a, centred).mul(r);
            if (beta != 0) {
                slope = FloatVector.fromMemorySegment(F, ALL, dx & ADDRESS, ORDER).fma(factor, slope);
            }
            slope.intoMemorySegment(ALL, dx & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            put(dx, load(x, rest).sub(m).fma(a, load(g, rest).sub(meanG)).mul(r), beta, rest);
        }
    }

    private static void gradient(
            long dx, long dy, long x, long w, float m, float r, float meanG, float meanGNormal, float beta, int n) {
        FloatVector a = FloatVector.broadcast(F, -r * meanGNormal);
        FloatVector factor = FloatVector.broadcast(F, beta);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dx += STEP, dy += STEP, x += STEP, w += STEP) {
            FloatVector centred = FloatVector.fromMemorySegment(F, ALL, dy & ADDRESS, ORDER)
                    .mul(FloatVector.fromMemorySegment(F, ALL, w & ADDRESS, ORDER)).sub(meanG);
            FloatVector slope = FloatVector.fromMemorySegment(F, ALL, x & ADDRESS, ORDER).sub(m).fma(a, centred).mul(r);
            if (beta != 0) {
                slope = FloatVector.fromMemorySegment(F, ALL, dx & ADDRESS, ORDER).fma(factor, slope);
            }
            slope.intoMemorySegment(ALL, dx & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            FloatVector g = load(dy, rest).mul(load(w, rest));
            put(dx, load(x, rest).sub(m).fma(a, g.sub(meanG)).mul(r), beta, rest);
        }
    }

    /// Rows `from … to − 1` of the softmax over the first `row + visible + 1` columns.
    static void softmax(Tensor y, Tensor x, int visible, int from, int to) {
        int C = x.cols();
        for (int row = from; row < to; row++) {
            long in = Lanes.at(x, row, 0);
            long out = Lanes.at(y, row, 0);
            int seen = Math.clamp((long) row + visible + 1, 0, C);
            double sum = VectorRows.exp(out, in, seen, VectorRows.max(in, seen));
            VectorElementwise.scale(out, (float) (1 / sum), out, seen);
            VectorElementwise.fill(out + 4L * seen, 0, C - seen);
        }
    }

    /// Rows `from … to − 1` of the softmax's gradient: `dx ← beta·dx + y∘(dy − Σ(dy∘y))`.
    static void softmaxBackward(Tensor dx, Tensor dy, Tensor y, float beta, int from, int to) {
        int C = y.cols();
        for (int row = from; row < to; row++) {
            long up = Lanes.at(dy, row, 0);
            long out = Lanes.at(y, row, 0);
            softmaxGradient(Lanes.at(dx, row, 0), up, out, VectorRows.dot(up, out, C), beta, C);
        }
    }

    private static void softmaxGradient(long dx, long dy, long y, float dot, float beta, int n) {
        FloatVector factor = FloatVector.broadcast(F, beta);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dx += STEP, dy += STEP, y += STEP) {
            FloatVector slope = FloatVector.fromMemorySegment(F, ALL, dy & ADDRESS, ORDER).sub(dot)
                    .mul(FloatVector.fromMemorySegment(F, ALL, y & ADDRESS, ORDER));
            if (beta != 0) {
                slope = FloatVector.fromMemorySegment(F, ALL, dx & ADDRESS, ORDER).fma(factor, slope);
            }
            slope.intoMemorySegment(ALL, dx & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            put(dx, load(dy, rest).sub(dot).mul(load(y, rest)), beta, rest);
        }
    }

    /// `beta·old + g` in the last few elements; the old value is not read if `beta = 0`.
    private static void put(long dx, FloatVector g, float beta, VectorMask<Float> rest) {
        store(beta == 0 ? g : load(dx, rest).fma(FloatVector.broadcast(F, beta), g), dx, rest);
    }
}
