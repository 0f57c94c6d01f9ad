package dev.lorikeet.autograd.op;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Grads;
import dev.lorikeet.autograd.Saver;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.ShapeMismatch;
import dev.lorikeet.tensor.Tensor;

/// DoRA's magnitudes, one per column: `y = x∘g + b` with `g = m∘rstd`, `rstd` a constant (Liu et al., *DoRA*, §4.3:
/// the norm of the direction "is treated as a constant" in the backward pass).
///
/// ```text
/// dx = dy∘g     dm = (Σᵢ dy[i]∘x[i])∘rstd     db = Σᵢ dy[i]
/// ```
///
/// @param x    `(N, C)`, kept only if m trains
/// @param g    `(C)`, kept only if x needs a gradient
/// @param rstd `(C)`, kept only if m trains
public record Magnitude(Tensor x, Tensor g, Tensor rstd) implements Op {
    /// @param m    `(C)`
    /// @param rstd `(C)`, what the columns of x are divided by, inverted
    /// @param bias `(C)`, or null
    public static Activation apply(Tape tape, Variable x, Variable m, Tensor rstd, Variable bias) {
        int C = x.value().cols();
        requireWidth(x, m.shape(), "the magnitudes");
        requireWidth(x, rstd.shape(), "the inverse norms");
        Tensor g = tape.allocate(x.dtype(), Shape.of(C));
        tape.kernels().multiply(g, m.value().reshape(g.shape()), rstd.reshape(g.shape()), 0);
        Tensor y = tape.allocate(x.dtype(), x.shape());
        try (var _ = tape.frame()) {
            Tensor spread = tape.allocate(x.dtype(), x.shape());
            Tensor ones = tape.allocate(x.dtype(), Shape.of(x.value().rows(), 1));
            spread(tape.kernels(), spread, ones, g);
            tape.kernels().multiply(y, x.value(), spread, 0);
        }
        boolean trains = tape.needsGrad(m);
        if (bias == null) {
            return tape.record(Magnitude.class, y, save -> saved(save, tape.needsGrad(x), trains, x, g, rstd), x, m);
        }
        requireWidth(x, bias.shape(), "the bias");
        tape.kernels().addBias(y, y, bias.value());
        return tape.record(Magnitude.class, y, save -> saved(save, tape.needsGrad(x), trains, x, g, rstd), x, m, bias);
    }

    private static Magnitude saved(Saver save, boolean xNeeds, boolean trains, Variable x, Tensor g, Tensor rstd) {
        return new Magnitude(save.when(trains, x.value()), save.when(xNeeds, g), save.when(trains, rstd));
    }

    private static void requireWidth(Variable x, Shape vector, String what) {
        if (vector.size() != x.value().cols()) {
            throw new ShapeMismatch("magnitude", x.shape(), vector,
                    "%s must have %d elements".formatted(what, x.value().cols()));
        }
    }

    /// `spread ← 1·gᵀ`, g in every row: a product of one addend, which is exact.
    private static void spread(Kernels kernels, Tensor spread, Tensor ones, Tensor g) {
        kernels.fill(ones, 1);
        kernels.gemm(spread, ones, false, g.reshape(Shape.of(1, g.cols())), false, 1, 0);
    }

    @Override
    public void backward(Tensor dy, Grads grads) {
        grads.into(0, (dx, beta) -> {
            Tensor spread = grads.temporary(dy.dtype(), dy.shape());
            spread(grads.kernels(), spread, grads.temporary(dy.dtype(), Shape.of(dy.rows(), 1)), g);
            grads.kernels().multiply(dx, dy, spread, beta);
        });
        grads.into(1, (dm, beta) -> {
            Tensor products = grads.temporary(dy.dtype(), dy.shape());
            Tensor sums = grads.temporary(dy.dtype(), dm.shape());
            grads.kernels().multiply(products, dy, x, 0);
            grads.kernels().sumRows(sums, products, 0);
            grads.kernels().multiply(dm, sums, rstd.reshape(dm.shape()), beta);
        });
        if (grads.inputs() > 2) {
            grads.into(2, (db, beta) -> grads.kernels().sumRows(db, dy, beta));
        }
    }
}
