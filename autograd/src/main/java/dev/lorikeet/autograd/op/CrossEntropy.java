package dev.lorikeet.autograd.op;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Grads;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.ShapeMismatch;
import dev.lorikeet.tensor.Tensor;

/// Negative log-likelihood of each row of logits with label smoothing `ε`; rows with a negative label give 0.
///
/// ```text
/// nll[i] = (1 − ε)·(lse − z[label]) + ε·(lse − Σz/V)     dz = dnll·(softmax(z) − (1 − ε)·onehot − ε/V)
/// ```
///
/// @param logits    `(N, V)`
/// @param lse       `(N)`
/// @param labels    I32 `(N)`
/// @param smoothing `ε`
public record CrossEntropy(Tensor logits, Tensor lse, Tensor labels, double smoothing) implements Op {
    /// @return `(N)`, one loss per row
    public static Activation apply(Tape tape, Variable logits, Tensor labels, double smoothing) {
        Tensor z = logits.value();
        if (labels.size() != z.rows()) {
            throw new ShapeMismatch("crossEntropy", logits.shape(), labels.shape(), "one label per row is needed");
        }
        Tensor nll = tape.allocate(z.dtype(), Shape.of(z.rows()));
        Tensor lse = tape.allocate(z.dtype(), Shape.of(z.rows()));
        tape.kernels().crossEntropy(nll, lse, z, labels, smoothing);
        return tape.record(
                CrossEntropy.class,
                nll,
                save -> new CrossEntropy(save.keep(z), save.keep(lse), save.keep(labels), smoothing),
                logits);
    }

    @Override
    public void backward(Tensor dnll, Grads grads) {
        grads.into(0, (dz, beta) ->
                grads.kernels().crossEntropyBackward(dz, dnll, logits, lse, labels, smoothing, beta));
    }
}
