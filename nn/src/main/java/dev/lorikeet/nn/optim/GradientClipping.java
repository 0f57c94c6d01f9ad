package dev.lorikeet.nn.optim;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.tensor.Kernels;
import java.util.List;

/// Clipping by global norm: `factor = min(1, maxNorm / (‖g‖ + 1e-6))` over all gradients together, as PyTorch computes
/// it.
///
/// @param norm   `‖g‖` before clipping
/// @param factor what every gradient, as it is in memory, is to be multiplied by
public record GradientClipping(double norm, double factor) {
    /// By the Euclidean norm.
    ///
    /// @param maxNorm largest allowed norm; 0 or less only measures
    public static GradientClipping of(Kernels kernels, List<Trainable> weights, double maxNorm) {
        return ofScaled(kernels, weights, maxNorm, 1);
    }

    /// By the Euclidean norm of gradients that are `scale` times what is in memory.
    ///
    /// @param maxNorm largest allowed norm; 0 or less only measures
    public static GradientClipping ofScaled(Kernels kernels, List<Trainable> weights, double maxNorm, double scale) {
        double sum = kernels.sumOfSquares(weights.stream().filter(Trainable::hasGrad).map(Trainable::grad).toList());
        GradientClipping scaled = byNorm(scale * Math.sqrt(sum), maxNorm);
        return new GradientClipping(scaled.norm, scale * scaled.factor);
    }

    /// By a norm that the caller has computed, of whatever order.
    ///
    /// @param maxNorm largest allowed norm; 0 or less only measures
    public static GradientClipping byNorm(double norm, double maxNorm) {
        return new GradientClipping(norm, maxNorm > 0 ? Math.min(1, maxNorm / (norm + 1e-6)) : 1);
    }
}
