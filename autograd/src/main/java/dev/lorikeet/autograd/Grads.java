package dev.lorikeet.autograd;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Storage;
import dev.lorikeet.tensor.Tensor;
import java.util.List;

/// What an op's backward may do: add to the gradients of its inputs, numbered as they were recorded.
public final class Grads {
    /// Adds something to a gradient: `gradient ← beta·gradient + …`. `beta` is 0 for the first contribution, when the
    /// old content must not be read and every element must be written, and 1 for later ones.
    @FunctionalInterface
    public interface Contribution {
        void add(Tensor gradient, double beta);
    }

    /// A [Contribution] to several gradients that one kernel computes together; those that are null are not wanted.
    @FunctionalInterface
    public interface JointContribution {
        void add(Tensor[] gradients, double beta);
    }

    private final Gradients gradients;
    private final Kernels kernels;
    private final Pool pool;
    private final Recorded entry;
    private final Tensor dy;
    private final List<Storage> temporaries;

    Grads(Gradients gradients, Kernels kernels, Pool pool, Recorded entry, Tensor dy, List<Storage> temporaries) {
        this.gradients = gradients;
        this.kernels = kernels;
        this.pool = pool;
        this.entry = entry;
        this.dy = dy;
        this.temporaries = temporaries;
    }

    public Kernels kernels() {
        return kernels;
    }

    /// Number of inputs that were recorded.
    public int inputs() {
        return entry.inputs().length;
    }

    /// Whether input `i` needs a gradient.
    public boolean needs(int i) {
        return switch (entry.inputs()[i]) {
            case Frozen _ -> false;
            case Trainable _ -> true;
            case Activation activation -> activation.isTracked();
        };
    }

    /// Adds to the gradient of input `i`; not called if it needs none. The tensor has the input's exact shape.
    public void into(int i, Contribution contribution) {
        gradients.add(entry.inputs()[i], contribution);
    }

    /// As [#into] for an input of the result's shape and a contribution that may work in place: the gradient that
    /// arrived at the op may itself become the input's, and must not be used afterwards.
    public void inPlace(int i, Contribution contribution) {
        if (!gradients.passOn(entry.output().index(), entry.inputs()[i])) {
            into(i, contribution);
        } else {
            contribution.add(dy, 0);
        }
    }

    /// Adds to the gradients of several inputs at once. All that have no contribution yet are computed by one call; any
    /// others, the second mention of one variable among them, by a call of their own.
    public void intoAll(JointContribution contribution, int... inputs) {
        Tensor[] first = new Tensor[inputs.length];
        boolean any = false;
        for (int k = 0; k < inputs.length; k++) {
            first[k] = gradients.claim(entry.inputs()[inputs[k]]);
            any |= first[k] != null;
        }
        if (any) {
            contribution.add(first, 0);
        }
        for (int k = 0; k < inputs.length; k++) {
            if (first[k] == null) {
                Tensor[] one = new Tensor[inputs.length];
                int at = k;
                into(inputs[k], (gradient, beta) -> {
                    one[at] = gradient;
                    contribution.add(one, beta);
                });
            }
        }
    }

    /// Gives the gradient that arrived at the op to input `i` unchanged (reshaped if need be), without a copy where
    /// possible.
    public void pass(int i) {
        if (needs(i)) {
            gradients.share(entry.output().index(), dy, entry.inputs()[i]);
        }
    }

    /// A tape for computing a part of the forward pass once more, on the memory of this step.
    ///
    /// @param random the first of its random streams, or null
    public Tape tape(RandomKey random) {
        return Tape.training(pool, random);
    }

    /// Uninitialised memory until this backward returns.
    public Tensor temporary(DType dtype, Shape shape) {
        Storage storage = pool.takeForBackward(shape.size() * dtype.bytes());
        temporaries.add(storage);
        return Tensor.of(storage, dtype, shape);
    }
}
