package dev.lorikeet.tensor;

/// Recycles step memory: storages given back are handed out again instead of being allocated anew. A training step that
/// repeats its shapes allocates nothing from the second step on.
///
/// On a processor every storage is an allocation of its own, which is kept for the next request of about its size. A
/// device that [captures graphs][Backend#capturesGraphs] has a few large ones, of which requests get pieces, so that
/// steps of one shape find the same memory whatever shapes come between them.
/// Not thread-safe: a pool belongs to the thread that runs the step.
public final class Pool implements AutoCloseable {
    private final Backend backend;
    private final StepMemory memory;
    private long usedBytes;
    private long peakBytes;

    public Pool(Backend backend) {
        this.backend = backend;
        this.memory = backend.capturesGraphs() ? new Regions(backend) : new RecycledStorages(backend);
    }

    /// The device whose memory this pool recycles.
    public Backend backend() {
        return backend;
    }

    /// A storage of at least `bytes` bytes with arbitrary content, for something that may have to wait for the backward
    /// pass.
    public Storage take(long bytes) {
        return handOut(memory.take(bytes));
    }

    /// As [#take], for a temporary of the forward pass.
    public Storage takeTemporary(long bytes) {
        return handOut(memory.takeTemporary(bytes));
    }

    /// As [#take], for a gradient or a temporary of the backward pass, in which nothing has to stay: any free memory.
    public Storage takeForBackward(long bytes) {
        return handOut(memory.takeForBackward(bytes));
    }

    private Storage handOut(Storage storage) {
        usedBytes += storage.bytes();
        peakBytes = Math.max(peakBytes, usedBytes);
        return storage;
    }

    /// Gives back a storage that was taken.
    public void give(Storage storage) {
        usedBytes -= storage.bytes();
        backend.recycled(storage);
        memory.give(storage);
    }

    /// Begins a step: requests that are the same as those of an earlier step get the same memory, if it is free.
    public void beginStep() {
        memory.beginStep();
    }

    /// How often the device had to be asked for memory so far.
    public long allocations() {
        return memory.allocations();
    }

    /// Bytes obtained from the device.
    public long ownedBytes() {
        return memory.ownedBytes();
    }

    /// Bytes handed out at present.
    public long usedBytes() {
        return usedBytes;
    }

    /// The most bytes that were ever handed out at once.
    public long peakBytes() {
        return peakBytes;
    }

    @Override
    public void close() {
        memory.close();
    }
}
