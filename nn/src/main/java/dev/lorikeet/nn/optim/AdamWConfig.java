package dev.lorikeet.nn.optim;

/// Settings of [AdamW] that do not change from step to step.
///
/// @param beta1       decay of the first moment
/// @param beta2       decay of the second moment
/// @param epsilon     added to the denominator
/// @param decay       how weight decay acts
/// @param correctBias divide the moments by `1 − βᵗ`
/// @param amsgrad     use the largest second moment so far
public record AdamWConfig(
        double beta1, double beta2, double epsilon, Decay decay, boolean correctBias, boolean amsgrad) {
    /// How weight decay acts on a parameter.
    public enum Decay {
        /// `p ← (1 − lr·wd)·p` before the update (Loshchilov and Hutter 2019; PyTorch's AdamW).
        DECOUPLED,
        /// `p ← p − lr·wd·p` after the update, and `ε` added to `√v` before bias correction (loralib's GPT-2 example).
        DECOUPLED_AFTER,
        /// `g ← g + wd·p` (L2 regularisation; PyTorch's Adam).
        L2
    }

    public AdamWConfig {
        if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
            throw new IllegalArgumentException("betas must be in [0, 1), were %s, %s".formatted(beta1, beta2));
        }
        if (!(epsilon >= 0)) {
            throw new IllegalArgumentException("epsilon must be >= 0, was " + epsilon);
        }
    }

    /// PyTorch's AdamW: β = (0.9, 0.999), ε = 1e-8.
    public static AdamWConfig defaults() {
        return new AdamWConfig(0.9, 0.999, 1e-8, Decay.DECOUPLED, true, false);
    }
}
