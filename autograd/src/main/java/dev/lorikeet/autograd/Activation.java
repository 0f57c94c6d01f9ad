package dev.lorikeet.autograd;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;

/// A value computed in this step. It is *tracked* if a gradient flows through it.
public final class Activation implements Variable {
    static final int UNTRACKED = -1;

    private final Tensor value;
    private final int index;
    private final Lease lease;
    private boolean overwritten;

    Activation(Tensor value, int index, Lease lease) {
        this.value = value;
        this.index = index;
        this.lease = lease;
    }

    /// @throws IllegalStateException if the memory has gone: its frame was closed without keeping it, or a later op has
    ///                               worked in place on it
    @Override
    public Tensor value() {
        if (overwritten) {
            throw new IllegalStateException("activation %s was overwritten by an op that works in place".formatted(value));
        }
        if (lease != null && lease.isReturned()) {
            throw new IllegalStateException(
                    "activation %s was released when its frame closed; keep it with frame.keep(…)".formatted(value));
        }
        return value;
    }

    /// Known even when the memory has gone: a gradient needs it.
    @Override
    public Shape shape() {
        return value.shape();
    }

    /// Known even when the memory has gone.
    @Override
    public DType dtype() {
        return value.dtype();
    }

    /// Whether a recorded op computed it, so that a gradient flows through it.
    public boolean isTracked() {
        return index != UNTRACKED;
    }

    int index() {
        return index;
    }

    Lease lease() {
        return lease;
    }

    void markOverwritten() {
        overwritten = true;
    }

    @Override
    public String toString() {
        return "Activation[" + (isTracked() ? "#" + index + " " : "") + value + "]";
    }
}
