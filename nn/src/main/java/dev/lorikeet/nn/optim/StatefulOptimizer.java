package dev.lorikeet.nn.optim;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// An optimizer that keeps tensors of a weight's shape beside each weight (moments, momentum), all 0 at first. What it
/// does to one weight is all that an optimizer has to say.
abstract class StatefulOptimizer implements Optimizer {
    /// A weight, its group, and what is kept for it.
    private record Slot(Trainable weight, ParameterGroup group, List<Tensor> state) {}

    private final Kernels kernels;
    private final List<String> names;
    private final List<Slot> slots = new ArrayList<>();
    private long steps;

    /// @param names what each weight's state tensors are called in checkpoints
    StatefulOptimizer(Backend backend, List<ParameterGroup> groups, List<String> names) {
        this.kernels = backend.kernels();
        this.names = List.copyOf(names);
        for (ParameterGroup group : groups) {
            for (Trainable weight : group.weights()) {
                slots.add(new Slot(weight, group, names.stream().map(_ -> zeros(backend, weight)).toList()));
            }
        }
    }

    private static Tensor zeros(Backend backend, Trainable weight) {
        Tensor state = backend.allocate(weight.dtype(), weight.shape());
        backend.kernels().fill(state, 0);
        return state;
    }

    /// Updates one weight from its gradient.
    ///
    /// @param state       in the order of the names
    /// @param step        counted from 1
    /// @param lr          learning rate of the weight's group
    /// @param weightDecay of the weight's group
    abstract void update(
            Kernels kernels, Trainable weight, List<Tensor> state, long step, double lr, double weightDecay,
            double gradScale);

    @Override
    public final void step(double lr, double gradScale) {
        steps++;
        for (Slot slot : slots) {
            if (slot.weight.hasGrad()) {
                update(kernels, slot.weight, slot.state, steps, lr * slot.group.lrFactor(), slot.group.weightDecay(),
                        gradScale);
                slot.weight.clearGrad();
            }
        }
    }

    @Override
    public final List<Trainable> weights() {
        return slots.stream().map(Slot::weight).toList();
    }

    @Override
    public final long steps() {
        return steps;
    }

    @Override
    public final Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        for (Slot slot : slots) {
            for (int i = 0; i < names.size(); i++) {
                state.put(names.get(i) + "/" + slot.weight.name(), slot.state.get(i));
            }
        }
        return state;
    }

    @Override
    public final void restore(long steps) {
        this.steps = steps;
    }
}
