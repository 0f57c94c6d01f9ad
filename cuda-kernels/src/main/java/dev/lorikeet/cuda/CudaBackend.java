package dev.lorikeet.cuda;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Device;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Storage;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/// A CUDA device. What the driver and cuBLAS do comes through three interfaces ([Launcher], [Blas], [DeviceMemory]), so
/// that the same class, kernels and launch parameters can be tested on the host. Not thread-safe: a device belongs to
/// the thread that runs the step.
final class CudaBackend implements Backend {
    private final int index;
    private final String description;
    private final Stream stream;
    private final CudaKernels kernels;
    private final Map<String, String> details;
    private final Map<Long, DeviceStorage> live = new HashMap<>();
    private long liveBytes;
    private long peakBytes;

    CudaBackend(int index, String description, Map<String, String> details, Stream stream, MathMode mode,
            DeltaProducts deltas) {
        this.index = index;
        this.description = description;
        this.details = details;
        this.stream = stream;
        this.kernels = new CudaKernels(stream, mode, deltas);
    }

    @Override
    public Device device() {
        return new Device("cuda", index);
    }

    @Override
    public Kernels kernels() {
        return kernels;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public Storage allocate(long bytes) {
        DeviceStorage storage = new DeviceStorage(stream.memory().allocate(Math.max(1, bytes)), bytes);
        live.put(storage.address(), storage);
        liveBytes += bytes;
        peakBytes = Math.max(peakBytes, liveBytes);
        return storage;
    }

    @Override
    public void free(Storage storage) {
        if (live.remove(storage.address()) == null) {
            throw new IllegalArgumentException(
                    "storage of %d bytes at %x was not allocated by this backend or has been freed already"
                            .formatted(storage.bytes(), storage.address()));
        }
        stream.memory().free(storage.address());
        liveBytes -= storage.bytes();
    }

    @Override
    public void upload(Tensor dst, MemorySegment src) {
        requireSameBytes("upload", dst, src);
        stream.memory().upload(dst.address(), src);
    }

    @Override
    public void download(MemorySegment dst, Tensor src) {
        requireSameBytes("download", src, dst);
        stream.memory().download(dst, src.address());
    }

    private static void requireSameBytes(String what, Tensor tensor, MemorySegment host) {
        if (!tensor.isContiguous() || tensor.bytes() != host.byteSize()) {
            throw new IllegalArgumentException("%s of %s (%d bytes, row stride %d) with %d host bytes"
                    .formatted(what, tensor, tensor.bytes(), tensor.rowStride(), host.byteSize()));
        }
    }

    @Override
    public Tensor adopt(MemorySegment bytes, DType dtype, Shape shape) {
        Tensor copy = allocate(dtype, shape);
        upload(copy, bytes);
        return copy;
    }

    @Override
    public boolean capturesGraphs() {
        return stream.capturesGraphs();
    }

    @Override
    public OptionalDouble replayedShare() {
        return stream.runs() == 0 ? OptionalDouble.empty()
                : OptionalDouble.of((double) stream.replayedRuns() / stream.runs());
    }

    @Override
    public void replay(Object shape, RandomKey random, Runnable work) {
        stream.replay(shape, random, work);
    }

    /// How often a graph was launched in place of its kernels.
    long graphLaunches() {
        return stream.graphLaunches();
    }

    @Override
    public void synchronize() {
        stream.memory().synchronize();
    }

    @Override
    public long workspaceBytes() {
        return kernels.workspaceBytes();
    }

    /// The workspace only grows.
    @Override
    public OptionalLong peakBytes() {
        return OptionalLong.of(peakBytes + workspaceBytes());
    }

    /// What the kernels hold back at the end of `work` belongs to it.
    @Override
    public double seconds(Runnable work) {
        return stream.memory().seconds(() -> {
            work.run();
            stream.memory();
        });
    }

    @Override
    public Map<String, String> details() {
        return details;
    }

    @Override
    public OptionalLong takenBytes() {
        return stream.memory().takenBytes();
    }

    /// Where all work of this device goes.
    Stream stream() {
        return stream;
    }

    @Override
    public void close() {
        stream.close();
        live.clear();
    }
}
