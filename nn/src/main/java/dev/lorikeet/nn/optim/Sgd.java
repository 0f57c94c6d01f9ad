package dev.lorikeet.nn.optim;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.SgdStep;
import dev.lorikeet.tensor.Tensor;
import java.util.List;

/// Stochastic gradient descent with optional momentum; weight decay acts as L2 regularisation. The update is [SgdStep].
public final class Sgd extends StatefulOptimizer {
    private final SgdConfig config;

    public Sgd(Backend backend, List<ParameterGroup> groups, SgdConfig config) {
        super(backend, groups, config.momentum() == 0 ? List.of() : List.of("momentum_buffer"));
        this.config = config;
    }

    @Override
    void update(
            Kernels kernels, Trainable weight, List<Tensor> state, long step, double lr, double weightDecay,
            double gradScale) {
        kernels.sgd(
                weight.value(), weight.grad(), state.isEmpty() ? null : state.getFirst(),
                new SgdStep(lr, config.momentum(), config.dampening(), config.nesterov(), weightDecay, gradScale,
                        step == 1));
    }
}
