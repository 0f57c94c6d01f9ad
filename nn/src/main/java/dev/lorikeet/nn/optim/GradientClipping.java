package dev.lorikeet.nn.optim;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.tensor.Kernels;
import java.util.List;

/// Clipping by global norm: `factor = min(1, maxNorm / (‖g‖₂ + 1e-6))` over all gradients together, as PyTorch computes
/// it.
///
/// @param norm   `‖g‖₂` before clipping
/// @param factor what every gradient is to be multiplied by
public record GradientClipping(double norm, double factor) {
    /// @param maxNorm largest allowed norm; 0 or less only measures
    public static GradientClipping of(Kernels kernels, List<Trainable> weights, double maxNorm) {
        double sum = 0;
        for (Trainable weight : weights) {
            if (weight.hasGrad()) {
                sum += kernels.sumOfSquares(weight.grad());
            }
        }
        double norm = Math.sqrt(sum);
        return new GradientClipping(norm, maxNorm > 0 ? Math.min(1, maxNorm / (norm + 1e-6)) : 1);
    }
}
