package dev.lorikeet.autograd;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Storage;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The step memory of one tape: what it has on loan from the pool, and the open frames that hold it.
final class Leases {
    private final Pool pool;
    private final Map<Storage, Lease> leases = new IdentityHashMap<>();
    private Frame frame = new Frame(this, null);

    Leases(Pool pool) {
        this.pool = pool;
    }

    /// Memory for something that an op may save, owned by the innermost frame.
    Tensor allocate(DType dtype, Shape shape) {
        return lease(pool.take(shape.size() * dtype.bytes()), dtype, shape);
    }

    /// Memory for something that no op is going to save.
    Tensor temporary(DType dtype, Shape shape) {
        return lease(pool.takeTemporary(shape.size() * dtype.bytes()), dtype, shape);
    }

    private Tensor lease(Storage storage, DType dtype, Shape shape) {
        Lease lease = new Lease(pool, storage);
        leases.put(storage, lease);
        frame.add(lease);
        return Tensor.of(storage, dtype, shape);
    }

    Tensor upload(DType dtype, Shape shape, MemorySegment values) {
        Tensor tensor = allocate(dtype, shape);
        pool.backend().upload(tensor, values);
        return tensor;
    }

    /// The lease of a tensor, null if it is not memory of this step.
    Lease of(Tensor tensor) {
        return leases.get(tensor.storage());
    }

    Set<Storage> storages() {
        return leases.keySet();
    }

    Frame open() {
        frame = new Frame(this, frame);
        return frame;
    }

    void leave(Frame closing) {
        if (closing != frame) {
            throw new IllegalStateException("frames must be closed in the reverse order of opening");
        }
        frame = closing.parent();
    }

    /// An op needs `tensors` in its backward. Returns how many bytes of step memory no earlier op had saved.
    long save(List<Tensor> tensors) {
        long bytes = 0;
        for (Tensor tensor : tensors) {
            Lease lease = of(tensor);
            if (lease != null) {
                bytes += lease.isSaved() ? 0 : tensor.storage().bytes();
                lease.save();
            }
        }
        return bytes;
    }

    /// The op that saved `tensors` has run its backward.
    void unsave(List<Tensor> tensors) {
        for (Tensor tensor : tensors) {
            Lease lease = of(tensor);
            if (lease != null) {
                lease.unsave();
            }
        }
    }

    /// The step is over: everything goes back.
    void end() {
        leases.values().forEach(Lease::end);
        leases.clear();
    }
}
