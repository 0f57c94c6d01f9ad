package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Device;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Storage;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/// The host as a slow, exact device: one thread, [ScalarKernels], every floating-point type. Gradient checks run on it
/// in F64, and every other backend is compared with it.
public final class ScalarBackend implements Backend {
    private final HostMemory memory = new HostMemory();
    private final Kernels kernels = new ScalarKernels();

    @Override
    public Device device() {
        return new Device("scalar", 0);
    }

    @Override
    public Kernels kernels() {
        return kernels;
    }

    @Override
    public String description() {
        return "plain Java loops accumulating in double, 1 thread";
    }

    @Override
    public Storage allocate(long bytes) {
        return memory.allocate(bytes);
    }

    @Override
    public void free(Storage storage) {
        memory.free(storage);
    }

    @Override
    public void upload(Tensor dst, MemorySegment src) {
        HostMemory.upload(dst, src);
    }

    @Override
    public void download(MemorySegment dst, Tensor src) {
        HostMemory.download(dst, src);
    }

    @Override
    public Tensor adopt(MemorySegment bytes, DType dtype, Shape shape) {
        return memory.adopt(bytes, dtype, shape);
    }

    /// Nothing to wait for: each kernel has finished when it returns.
    @Override
    public void synchronize() {}

    @Override
    public long workspaceBytes() {
        return 0;
    }

    @Override
    public void close() {
        memory.close();
    }
}
