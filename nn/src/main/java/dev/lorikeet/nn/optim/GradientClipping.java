package dev.lorikeet.nn.optim;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.UnaryFunction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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
        GradientClipping scaled = of(scale * Math.sqrt(sum), maxNorm);
        return new GradientClipping(scaled.norm, scale * scaled.factor);
    }

    /// By the norm of order `p`: `Σ|g|` for 1, the Euclidean one for 2, `max|g|` for infinity.
    ///
    /// @throws IllegalArgumentException for another order
    public static GradientClipping of(Backend backend, List<Trainable> weights, double maxNorm, double p) {
        if (p == 2) {
            return of(backend.kernels(), weights, maxNorm);
        }
        if (p != 1 && p != Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException("gradients are clipped by the norm of order 1, 2 or infinity, not " + p);
        }
        double norm = 0;
        for (Trainable weight : weights) {
            if (weight.hasGrad()) {
                double own = norm(backend, weight.grad(), p == 1);
                norm = p == 1 ? norm + own : Math.max(norm, own);
            }
        }
        return of(norm, maxNorm);
    }

    private static GradientClipping of(double norm, double maxNorm) {
        return new GradientClipping(norm, maxNorm > 0 ? Math.min(1, maxNorm / (norm + 1e-6)) : 1);
    }

    /// `Σ|g|` or `max|g|`, where `|g| = max(g, 0) + max(−g, 0)`.
    private static double norm(Backend backend, Tensor g, boolean sum) {
        Kernels kernels = backend.kernels();
        Shape row = Shape.of(1, Math.toIntExact(g.size()));
        Tensor absolute = backend.allocate(g.dtype(), row);
        Tensor negative = backend.allocate(g.dtype(), row);
        Tensor result = backend.allocate(g.dtype(), Shape.of(1));
        Tensor index = backend.allocate(DType.I32, Shape.of(1));
        try {
            kernels.map(absolute, g.reshape(row), UnaryFunction.RELU);
            kernels.axpby(negative, -1, g.reshape(row), 0);
            kernels.map(negative, negative, UnaryFunction.RELU);
            kernels.add(absolute, absolute, negative);
            if (sum) {
                kernels.sum(result, absolute, 1);
            } else {
                kernels.argmaxRows(index, absolute);
                kernels.take(result, absolute, index);
            }
            return number(backend, result);
        } finally {
            List.of(absolute, negative, result, index).forEach(tensor -> backend.free(tensor.storage()));
        }
    }

    private static double number(Backend backend, Tensor one) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate(one.bytes(), 8);
            backend.download(host, one);
            return one.dtype() == DType.F64
                    ? host.get(ValueLayout.JAVA_DOUBLE, 0)
                    : host.get(ValueLayout.JAVA_FLOAT, 0);
        }
    }
}
