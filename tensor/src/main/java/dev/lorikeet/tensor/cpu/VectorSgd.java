package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.Lanes.F;
import static dev.lorikeet.tensor.cpu.Lanes.LANES;
import static dev.lorikeet.tensor.cpu.Lanes.STEP;
import static dev.lorikeet.tensor.cpu.Lanes.load;
import static dev.lorikeet.tensor.cpu.Lanes.store;

import dev.lorikeet.tensor.SgdStep;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Stochastic gradient descent over runs of floats; the formula stands in [SgdStep].
final class VectorSgd {
    private final float lr;
    private final float momentum;
    private final float rest;
    private final boolean nesterov;
    private final float l2;
    private final float gradScale;

    VectorSgd(SgdStep step) {
        lr = (float) step.lr();
        momentum = (float) step.momentum();
        rest = (float) (1 - step.dampening());
        nesterov = step.nesterov();
        l2 = (float) step.l2();
        gradScale = (float) step.gradScale();
    }

    /// Without momentum: `p ← p − lr·g`.
    void plain(long p, long g, int n) {
        for (int i = 0; i < n; i += LANES, p += STEP, g += STEP) {
            VectorMask<Float> mask = Lanes.first(n - i);
            FloatVector value = load(p, mask);
            store(gradient(load(g, mask), value).fma(FloatVector.broadcast(F, -lr), value), p, mask);
        }
    }

    /// The first step with momentum: the buffer becomes the gradient.
    void first(long p, long g, long buffer, int n) {
        for (int i = 0; i < n; i += LANES, p += STEP, g += STEP, buffer += STEP) {
            VectorMask<Float> mask = Lanes.first(n - i);
            FloatVector value = load(p, mask);
            FloatVector gradient = gradient(load(g, mask), value);
            store(gradient, buffer, mask);
            store(moved(value, gradient, gradient), p, mask);
        }
    }

    /// Later steps with momentum.
    void later(long p, long g, long buffer, int n) {
        for (int i = 0; i < n; i += LANES, p += STEP, g += STEP, buffer += STEP) {
            VectorMask<Float> mask = Lanes.first(n - i);
            FloatVector value = load(p, mask);
            FloatVector gradient = gradient(load(g, mask), value);
            FloatVector speed = load(buffer, mask).fma(FloatVector.broadcast(F, momentum), gradient.mul(rest));
            store(speed, buffer, mask);
            store(moved(value, gradient, speed), p, mask);
        }
    }

    private FloatVector gradient(FloatVector g, FloatVector p) {
        return p.fma(FloatVector.broadcast(F, l2), g.mul(gradScale));
    }

    private FloatVector moved(FloatVector p, FloatVector gradient, FloatVector speed) {
        FloatVector direction = nesterov ? speed.fma(FloatVector.broadcast(F, momentum), gradient) : speed;
        return direction.fma(FloatVector.broadcast(F, -lr), p);
    }
}
