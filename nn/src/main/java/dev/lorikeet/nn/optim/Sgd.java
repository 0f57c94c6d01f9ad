package dev.lorikeet.nn.optim;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.SgdStep;
import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Stochastic gradient descent with optional momentum; weight decay acts as L2 regularisation. The update is [SgdStep].
public final class Sgd implements Optimizer {
    private record Slot(Trainable weight, ParameterGroup group, Tensor momentum) {}

    private final Kernels kernels;
    private final SgdConfig config;
    private final List<Slot> slots = new ArrayList<>();
    private long steps;

    public Sgd(Backend backend, List<ParameterGroup> groups, SgdConfig config) {
        this.kernels = backend.kernels();
        this.config = config;
        for (ParameterGroup group : groups) {
            for (Trainable weight : group.weights()) {
                slots.add(new Slot(
                        weight, group,
                        config.momentum() == 0 ? null : backend.allocate(weight.dtype(), weight.shape())));
            }
        }
    }

    @Override
    public void step(double lr, double gradScale) {
        for (Slot slot : slots) {
            if (slot.weight.hasGrad()) {
                SgdStep numbers = new SgdStep(
                        lr * slot.group.lrFactor(), config.momentum(), config.dampening(), config.nesterov(),
                        slot.group.weightDecay(), gradScale, steps == 0);
                kernels.sgd(slot.weight.value(), slot.weight.grad(), slot.momentum, numbers);
                slot.weight.clearGrad();
            }
        }
        steps++;
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
            if (slot.momentum != null) {
                state.put("momentum_buffer/" + slot.weight.name(), slot.momentum);
            }
        }
        return state;
    }

    @Override
    public void restore(long steps) {
        this.steps = steps;
    }
}
