package dev.lorikeet.nn.optim;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.tensor.AdamStep;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.Tensor;
import java.util.List;

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2), bias-corrected; moments have the type of
/// the weights (F32). The exact update is [AdamStep]; [AdamWConfig.Decay] names its variants.
public final class AdamW extends StatefulOptimizer {
    private final AdamWConfig config;

    public AdamW(Backend backend, List<ParameterGroup> groups, AdamWConfig config) {
        super(backend, groups, config.amsgrad()
                ? List.of("exp_avg", "exp_avg_sq", "max_exp_avg_sq")
                : List.of("exp_avg", "exp_avg_sq"));
        this.config = config;
    }

    @Override
    void update(
            Kernels kernels, Trainable weight, List<Tensor> state, long step, double lr, double weightDecay,
            double gradScale) {
        kernels.adam(
                weight.value(), weight.grad(), state.get(0), state.get(1), config.amsgrad() ? state.get(2) : null,
                numbers(step, lr, weightDecay, gradScale));
    }

    private AdamStep numbers(long step, double lr, double weightDecay, double gradScale) {
        double correction1 = config.correctBias() ? 1 - Math.pow(config.beta1(), step) : 1;
        double correction2 = config.correctBias() ? 1 - Math.pow(config.beta2(), step) : 1;
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
}
