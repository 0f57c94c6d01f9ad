package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.Lanes.ADDRESS;
import static dev.lorikeet.tensor.cpu.Lanes.ALL;
import static dev.lorikeet.tensor.cpu.Lanes.F;
import static dev.lorikeet.tensor.cpu.Lanes.LANES;
import static dev.lorikeet.tensor.cpu.Lanes.ORDER;
import static dev.lorikeet.tensor.cpu.Lanes.STEP;
import static dev.lorikeet.tensor.cpu.Lanes.load;
import static dev.lorikeet.tensor.cpu.Lanes.store;

import dev.lorikeet.tensor.AdamStep;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// Adam over runs of floats; the formula stands in [AdamStep].
///
/// Decay is subtracted as `p − decay·p`: the factor `1 − decay` would lose most digits of a small decay to rounding.
final class VectorAdam {
    private final float stepSize;
    private final float beta1;
    private final float rest1;
    private final float beta2;
    private final float rest2;
    private final float epsilon;
    private final float denominatorScale;
    private final float decayBefore;
    private final float decayAfter;
    private final float l2;
    private final float gradScale;

    VectorAdam(AdamStep step) {
        stepSize = (float) step.stepSize();
        beta1 = (float) step.beta1();
        rest1 = (float) (1 - step.beta1());
        beta2 = (float) step.beta2();
        rest2 = (float) (1 - step.beta2());
        epsilon = (float) step.epsilon();
        denominatorScale = (float) step.denominatorScale();
        decayBefore = (float) step.decayBefore();
        decayAfter = (float) step.decayAfter();
        l2 = (float) step.l2();
        gradScale = (float) step.gradScale();
    }

    void run(long p, long g, long m, long v, int n) {
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, p += STEP, g += STEP, m += STEP, v += STEP) {
            FloatVector value = FloatVector.fromMemorySegment(F, ALL, p & ADDRESS, ORDER);
            FloatVector gradient = gradient(FloatVector.fromMemorySegment(F, ALL, g & ADDRESS, ORDER), value);
            FloatVector first = first(FloatVector.fromMemorySegment(F, ALL, m & ADDRESS, ORDER), gradient);
            FloatVector second = second(FloatVector.fromMemorySegment(F, ALL, v & ADDRESS, ORDER), gradient);
            first.intoMemorySegment(ALL, m & ADDRESS, ORDER);
            second.intoMemorySegment(ALL, v & ADDRESS, ORDER);
            updated(value, first, second).intoMemorySegment(ALL, p & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            FloatVector value = load(p, rest);
            FloatVector gradient = gradient(load(g, rest), value);
            FloatVector first = first(load(m, rest), gradient);
            FloatVector second = second(load(v, rest), gradient);
            store(first, m, rest);
            store(second, v, rest);
            store(updated(value, first, second), p, rest);
        }
    }

    /// AMSGrad: the largest second moment so far takes the place of the present one.
    void run(long p, long g, long m, long v, long vMax, int n) {
        for (int i = 0; i < n; i += LANES) {
            long at = 4L * i;
            VectorMask<Float> rest = Lanes.first(n - i);
            FloatVector value = load(p + at, rest);
            FloatVector gradient = gradient(load(g + at, rest), value);
            FloatVector first = first(load(m + at, rest), gradient);
            FloatVector second = second(load(v + at, rest), gradient);
            FloatVector old = load(vMax + at, rest);
            FloatVector largest = second.blend(old, old.compare(VectorOperators.GT, second));
            store(first, m + at, rest);
            store(second, v + at, rest);
            store(largest, vMax + at, rest);
            store(updated(value, first, largest), p + at, rest);
        }
    }

    private FloatVector gradient(FloatVector g, FloatVector p) {
        return p.fma(FloatVector.broadcast(F, l2), g.mul(gradScale));
    }

    private FloatVector first(FloatVector m, FloatVector g) {
        return m.fma(FloatVector.broadcast(F, beta1), g.mul(rest1));
    }

    private FloatVector second(FloatVector v, FloatVector g) {
        return v.fma(FloatVector.broadcast(F, beta2), g.mul(g).mul(rest2));
    }

    private FloatVector updated(FloatVector p, FloatVector first, FloatVector second) {
        FloatVector decayed = p.fma(FloatVector.broadcast(F, -decayBefore), p);
        FloatVector denominator = second.sqrt()
                .fma(FloatVector.broadcast(F, denominatorScale), FloatVector.broadcast(F, epsilon));
        FloatVector moved = decayed.sub(first.mul(stepSize).div(denominator));
        return moved.fma(FloatVector.broadcast(F, -decayAfter), moved);
    }
}
