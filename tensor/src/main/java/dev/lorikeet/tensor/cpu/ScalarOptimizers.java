package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.AdamStep;
import dev.lorikeet.tensor.SgdStep;
import dev.lorikeet.tensor.Tensor;

/// Parameter updates; the formulas stand in [AdamStep] and [SgdStep].
final class ScalarOptimizers {
    private ScalarOptimizers() {}

    static void adam(Tensor p, Tensor g, Tensor m, Tensor v, Tensor vMax, AdamStep step) {
        Elements parameters = Elements.of(p);
        Elements gradients = Elements.of(g);
        Elements firsts = Elements.of(m);
        Elements seconds = Elements.of(v);
        Elements largest = vMax == null ? null : Elements.of(vMax);
        for (int i = 0; i < parameters.rows(); i++) {
            for (int j = 0; j < parameters.cols(); j++) {
                double value = parameters.get(i, j);
                double gradient = step.gradScale() * gradients.get(i, j) + step.l2() * value;
                double first = step.beta1() * firsts.get(i, j) + (1 - step.beta1()) * gradient;
                double second = step.beta2() * seconds.get(i, j) + (1 - step.beta2()) * gradient * gradient;
                firsts.set(i, j, first);
                seconds.set(i, j, second);
                if (largest != null) {
                    second = Math.max(largest.get(i, j), second);
                    largest.set(i, j, second);
                }
                value *= 1 - step.decayBefore();
                value -= step.stepSize() * first / (step.denominatorScale() * Math.sqrt(second) + step.epsilon());
                parameters.set(i, j, value * (1 - step.decayAfter()));
            }
        }
    }

    static void sgd(Tensor p, Tensor g, Tensor momentum, SgdStep step) {
        Elements parameters = Elements.of(p);
        Elements gradients = Elements.of(g);
        Elements buffer = momentum == null ? null : Elements.of(momentum);
        for (int i = 0; i < parameters.rows(); i++) {
            for (int j = 0; j < parameters.cols(); j++) {
                double value = parameters.get(i, j);
                double gradient = step.gradScale() * gradients.get(i, j) + step.l2() * value;
                double direction = gradient;
                if (buffer != null) {
                    double speed = step.first()
                            ? gradient
                            : step.momentum() * buffer.get(i, j) + (1 - step.dampening()) * gradient;
                    buffer.set(i, j, speed);
                    direction = step.nesterov() ? gradient + step.momentum() * speed : speed;
                }
                parameters.set(i, j, value - step.lr() * direction);
            }
        }
    }
}
