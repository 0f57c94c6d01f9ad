package dev.lorikeet.nn.optim;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.tensor.AdamStep;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2), bias-corrected; moments have the type of
/// the weights (F32). The exact update is [AdamStep]; [AdamWConfig.Decay] names its variants.
public final class AdamW implements Optimizer {
    private record Slot(Trainable weight, ParameterGroup group, Tensor m, Tensor v, Tensor vMax) {}

    private final Kernels kernels;
    private final AdamWConfig config;
    private final List<Slot> slots = new ArrayList<>();
    private long steps;

    public AdamW(Backend backend, List<ParameterGroup> groups, AdamWConfig config) {
        this.kernels = backend.kernels();
        this.config = config;
        for (ParameterGroup group : groups) {
            for (Trainable weight : group.weights()) {
                slots.add(new Slot(
                        weight, group, zeros(backend, weight), zeros(backend, weight),
                        config.amsgrad() ? zeros(backend, weight) : null));
            }
        }
    }

    private static Tensor zeros(Backend backend, Trainable weight) {
        Tensor state = backend.allocate(weight.dtype(), weight.shape());
        backend.kernels().fill(state, 0);
        return state;
    }

    @Override
    public void step(double lr, double gradScale) {
        steps++;
        for (Slot slot : slots) {
            if (slot.weight.hasGrad()) {
                kernels.adam(
                        slot.weight.value(), slot.weight.grad(), slot.m, slot.v, slot.vMax,
                        numbers(lr * slot.group.lrFactor(), slot.group.weightDecay(), gradScale));
                slot.weight.clearGrad();
            }
        }
    }

    private AdamStep numbers(double lr, double weightDecay, double gradScale) {
        double correction1 = config.correctBias() ? 1 - Math.pow(config.beta1(), steps) : 1;
        double correction2 = config.correctBias() ? 1 - Math.pow(config.beta2(), steps) : 1;
        return switch (config.decay()) {
            case DECOUPLED -> step(lr / correction1, 1 / Math.sqrt(correction2), lr * weightDecay, 0, 0, gradScale);
            case DECOUPLED_AFTER -> step(lr * Math.sqrt(correction2) / correction1, 1, 0, lr * weightDecay, 0,
                    gradScale);
            case L2 -> step(lr / correction1, 1 / Math.sqrt(correction2), 0, 0, weightDecay, gradScale);
        };
    }

    private AdamStep step(double size, double denominator, double before, double after, double l2, double gradScale) {
        return new AdamStep(
                size, config.beta1(), config.beta2(), config.epsilon(), denominator, before, after, l2, gradScale);
    }

    @Override
    public List<Trainable> weights() {
        return slots.stream().map(Slot::weight).toList();
    }

    @Override
    public long steps() {
        return steps;
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        for (Slot slot : slots) {
            state.put("exp_avg/" + slot.weight.name(), slot.m);
            state.put("exp_avg_sq/" + slot.weight.name(), slot.v);
            if (slot.vMax != null) {
                state.put("max_exp_avg_sq/" + slot.weight.name(), slot.vMax);
            }
        }
        return state;
    }

    @Override
    public void restore(long steps) {
        this.steps = steps;
    }
}
