package dev.lorikeet.autograd.op;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Grads;
import dev.lorikeet.autograd.Recomputable;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.ShapeMismatch;
import dev.lorikeet.tensor.Tensor;

/// Layer normalisation of each row: `y = x̂∘w + b`, `x̂ = (x − mean)·rstd`, biased variance, `eps` inside the root.
///
/// ```text
/// g = dy∘w     dx = rstd·(g − Σg/C − x̂·Σ(g∘x̂)/C)     dw = Σ dy∘x̂     db = Σ dy
/// ```
///
/// What is kept for the gradients of x and w is enough to compute y again.
///
/// @param x      kept, as all others, only if x or w needs a gradient
/// @param mean   `(N)`
/// @param rstd   `(N)`
/// @param weight `(C)`
/// @param bias   `(C)`
/// @param eps    added to the variance
public record LayerNorm(Tensor x, Tensor mean, Tensor rstd, Tensor weight, Tensor bias, double eps)
        implements Op, Recomputable {
    public static Activation apply(Tape tape, Variable x, Variable weight, Variable bias, double eps) {
        if (weight.shape().size() != x.shape().cols() || bias.shape().size() != x.shape().cols()) {
            throw new ShapeMismatch(
                    "layerNorm", x.shape(), weight.shape(), "weight and bias need one element per column");
        }
        Tensor y = tape.recomputableResult(x);
        Tensor mean = tape.allocate(x.dtype(), Shape.of(x.value().rows()));
        Tensor rstd = tape.allocate(x.dtype(), Shape.of(x.value().rows()));
        tape.kernels().layerNorm(y, mean, rstd, x.value(), weight.value(), bias.value(), eps);
        return tape.record(
                LayerNorm.class,
                y,
                save -> {
                    boolean inner = tape.needsGrad(x) || tape.needsGrad(weight);
                    return new LayerNorm(
                            save.when(inner, x.value()),
                            save.when(inner, mean),
                            save.when(inner, rstd),
                            save.when(inner, weight.value()),
                            save.when(inner, bias.value()),
                            eps);
                },
                x, weight, bias);
    }

    @Override
    public boolean isRecomputable() {
        return x != null;
    }

    @Override
    public void recompute(Tensor y, Grads grads) {
        Tensor sameMean = grads.temporary(mean.dtype(), mean.shape());
        Tensor sameRstd = grads.temporary(rstd.dtype(), rstd.shape());
        grads.kernels().layerNorm(y, sameMean, sameRstd, x, weight, bias, eps);
    }

    @Override
    public void backward(Tensor dy, Grads grads) {
        grads.into(0, (dx, beta) -> grads.kernels().layerNormBackward(dx, dy, x, mean, rstd, weight, beta));
        grads.into(1, (dw, beta) -> grads.kernels().layerNormWeightBackward(dw, dy, x, mean, rstd, beta));
        grads.into(2, (db, beta) -> grads.kernels().sumRows(db, dy, beta));
    }
}
