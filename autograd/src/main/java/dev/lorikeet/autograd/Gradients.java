package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.ShapeMismatch;
import dev.lorikeet.tensor.Storage;
import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// The gradients of tracked activations during one backward pass. A gradient exists from its first contribution until
/// its op has consumed it.
///
/// An op that hands its gradient on unchanged (a residual addition) shares the buffer instead of copying it; a shared
/// buffer is copied only when somebody is about to add to it.
final class Gradients {
    /// A buffer and the number of activations whose gradient it is at present.
    private static final class Buffer {
        private final Storage storage;
        private int owners = 1;

        Buffer(Storage storage) {
            this.storage = storage;
        }
    }

    private final Pool pool;
    private final Kernels kernels;
    private final Tensor[] gradients;
    private final Buffer[] buffers;

    Gradients(Pool pool, Kernels kernels, int count) {
        this.pool = pool;
        this.kernels = kernels;
        this.gradients = new Tensor[count];
        this.buffers = new Buffer[count];
    }

    /// The caller of the backward pass stays an owner of `dy`: nobody adds to it or returns it to the pool.
    void seed(int index, Tensor dy) {
        gradients[index] = dy;
        buffers[index] = new Buffer(dy.storage());
        buffers[index].owners++;
    }

    /// Runs the backward of one op, if a gradient has arrived at its output, and drops that gradient.
    void propagate(Recorded entry) {
        int index = entry.output().index();
        Tensor dy = gradients[index];
        if (dy == null) {
            return;
        }
        List<Storage> temporaries = new ArrayList<>();
        entry.op().backward(dy, new Grads(this, kernels, pool, entry, dy, temporaries));
        temporaries.forEach(pool::give);
        release(index);
    }

    /// Hands the gradient of a leaf over, if one has arrived, and drops it.
    void deliver(Recorded leaf, Consumer<Tensor> receiver) {
        int index = leaf.output().index();
        if (gradients[index] != null) {
            receiver.accept(gradients[index]);
            release(index);
        }
    }

    void add(Variable input, Grads.Contribution contribution) {
        switch (input) {
            case Frozen _ -> {}
            case Trainable trainable -> trainable.accumulate(contribution);
            case Activation activation when activation.isTracked() -> addTo(activation, contribution);
            case Activation _ -> {}
        }
    }

    private void addTo(Activation activation, Grads.Contribution contribution) {
        int i = activation.index();
        if (gradients[i] == null) {
            allocate(activation, i);
            contribution.add(gradients[i], 0);
        } else {
            unshare(activation, i);
            contribution.add(gradients[i], 1);
        }
    }

    /// A fresh gradient for `input`, uninitialised and to be overwritten; null if it needs none or has one already.
    Tensor claim(Variable input) {
        if (input instanceof Activation activation && activation.isTracked() && gradients[activation.index()] == null) {
            allocate(activation, activation.index());
            return gradients[activation.index()];
        }
        return null;
    }

    /// Makes the gradient of the op at `from` also the gradient of `input`, without a copy where possible.
    void share(int from, Tensor dy, Variable input) {
        if (input instanceof Activation activation && activation.isTracked() && gradients[activation.index()] == null) {
            if (dy.size() != activation.shape().size()) {
                throw new ShapeMismatch("gradient", dy.shape(), activation.shape(), "sizes differ");
            }
            gradients[activation.index()] = dy.reshape(activation.shape());
            buffers[activation.index()] = buffers[from];
            buffers[from].owners++;
        } else {
            add(input, (gradient, beta) -> kernels.axpby(gradient, 1, dy.reshape(gradient.shape()), beta));
        }
    }

    /// Makes the buffer of the gradient of the op at `from` the gradient of `input`, to be overwritten, if nobody else
    /// needs it and `input` has no gradient yet.
    ///
    /// @return whether it did
    boolean passOn(int from, Variable input) {
        boolean possible = input instanceof Activation activation
                && activation.isTracked()
                && gradients[activation.index()] == null
                && gradients[from].shape().equals(activation.shape())
                && buffers[from].owners == 1;
        if (possible) {
            share(from, gradients[from], input);
        }
        return possible;
    }

    private void allocate(Activation activation, int i) {
        Storage storage = pool.takeForBackward(activation.shape().size() * activation.dtype().bytes());
        gradients[i] = Tensor.of(storage, activation.dtype(), activation.shape());
        buffers[i] = new Buffer(storage);
    }

    private void unshare(Activation activation, int i) {
        if (buffers[i].owners > 1) {
            Tensor shared = gradients[i];
            buffers[i].owners--;
            allocate(activation, i);
            kernels.copy(gradients[i], shared);
        }
    }

    private void release(int i) {
        Buffer buffer = buffers[i];
        gradients[i] = null;
        buffers[i] = null;
        if (--buffer.owners == 0) {
            pool.give(buffer.storage);
        }
    }
}
