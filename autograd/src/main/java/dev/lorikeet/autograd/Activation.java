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
    private final int version;

    Activation(Tensor value, int index, Lease lease) {
        this.value = value;
        this.index = index;
        this.lease = lease;
        this.version = lease == null ? 0 : lease.version();
    }

    /// @throws IllegalStateException if the memory has gone: its frame or tape was closed, or a later op has worked in
    ///                               place on it or on another view of it
    @Override
    public Tensor value() {
        if (lease != null && lease.version() != version) {
            throw new IllegalStateException(
                    "activation %s was overwritten by an op that works in place".formatted(value));
        }
        if (lease != null && lease.isReturned()) {
            throw new IllegalStateException(
                    "activation %s was released when its frame or tape closed; keep it with frame.keep(…)"
                            .formatted(value));
        }
        return value;
    }

    /// The extents, known even when the numbers have gone: a gradient has this shape.
    @Override
    public Shape shape() {
        return value.shape();
    }

    /// The element type, known even when the numbers have gone.
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

    @Override
    public String toString() {
        return "Activation[" + (isTracked() ? "#" + index + " " : "") + value + "]";
    }
}
