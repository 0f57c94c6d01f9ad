package dev.lorikeet.autograd.op;

import dev.lorikeet.autograd.Grads;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Tensor;

/// `y = mask∘x/(1 − p)     dx = mask∘dy/(1 − p)`; the mask is drawn again in the backward instead of being stored.
///
/// @param p   probability of dropping an element
/// @param key random stream of the mask
public record Dropout(double p, RandomKey key) implements Op {
    public Dropout {
        requireProbability(p);
    }

    /// Returns x itself if `p` is 0 or the tape has no randomness.
    public static Variable apply(Tape tape, Variable x, double p) {
        requireProbability(p);
        RandomKey key = p > 0 ? tape.nextRandom().orElse(null) : null;
        if (key == null) {
            return x;
        }
        Tensor y = tape.allocate(x.dtype(), x.shape());
        tape.kernels().dropout(y, x.value(), p, key, 0);
        return tape.record(Dropout.class, y, _ -> new Dropout(p, key), x);
    }

    static void requireProbability(double p) {
        if (!(p >= 0 && p < 1)) {
            throw new IllegalArgumentException("dropout must be in [0, 1), was " + p);
        }
    }

    @Override
    public void backward(Tensor dy, Grads grads) {
        grads.into(0, (dx, beta) -> grads.kernels().dropout(dx, dy, p, key, beta));
    }
}
