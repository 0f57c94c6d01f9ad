package dev.lorikeet.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.reflect.Proxy;
import java.util.OptionalLong;

/// A device that has no memory and computes nothing, but counts. A model built on it costs no bytes, and a training
/// step run on it asks for exactly the memory that the real one would: parameters are counted from a `config.json`
/// alone, and the memory of a step is predicted before it is run. It may stand for a device whose steps are laid out in
/// a way of their own ([Backend#capturesGraphs]).
public final class DryRunBackend implements Backend {
    /// Bytes that exist in name only.
    private record Phantom(long bytes, Object identity) implements Storage {
        @Override
        public long address() {
            throw new IllegalStateException("a dry run has no memory to address");
        }

        @Override
        public MemorySegment segment() {
            throw new IllegalStateException("a dry run has no memory to read");
        }
    }

    private final Kernels kernels = (Kernels) Proxy.newProxyInstance(
            Kernels.class.getClassLoader(),
            new Class<?>[] {Kernels.class},
            (_, method, _) -> method.getReturnType() == double.class ? 0.0 : null);
    private final Device device;
    private final boolean capturesGraphs;
    private long allocatedBytes;
    private long peakBytes;

    /// Steps as a processor makes them.
    public DryRunBackend() {
        this(new Device("dry-run", 0), false);
    }

    /// Steps as another backend makes them.
    public DryRunBackend(Backend other) {
        this(other.device(), other.capturesGraphs());
    }

    private DryRunBackend(Device device, boolean capturesGraphs) {
        this.device = device;
        this.capturesGraphs = capturesGraphs;
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public boolean capturesGraphs() {
        return capturesGraphs;
    }

    @Override
    public Kernels kernels() {
        return kernels;
    }

    @Override
    public String description() {
        return "dry run: nothing is computed";
    }

    /// Bytes asked for and not given back.
    public long allocatedBytes() {
        return allocatedBytes;
    }

    /// The most bytes that were asked for and not given back at once.
    @Override
    public OptionalLong peakBytes() {
        return OptionalLong.of(peakBytes);
    }

    @Override
    public Storage allocate(long bytes) {
        allocatedBytes += bytes;
        peakBytes = Math.max(peakBytes, allocatedBytes);
        return new Phantom(bytes, new Object());
    }

    @Override
    public void free(Storage storage) {
        allocatedBytes -= storage.bytes();
    }

    @Override
    public void upload(Tensor dst, MemorySegment src) {}

    @Override
    public void download(MemorySegment dst, Tensor src) {
        dst.fill((byte) 0);
    }

    @Override
    public Tensor adopt(MemorySegment bytes, DType dtype, Shape shape) {
        return allocate(dtype, shape);
    }

    @Override
    public void synchronize() {}

    @Override
    public long workspaceBytes() {
        return 0;
    }

    @Override
    public void close() {}
}
