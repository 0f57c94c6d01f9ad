package dev.lorikeet.autograd.check;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Device;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Storage;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Another backend whose memory is NaN until somebody writes to it: new storages, and those that a pool takes back.
///
/// Each byte is `0xFF`, which is NaN in F64, F32, BF16 and F16 and −1 in the integers. A kernel that reads its
/// destination though `beta` is 0, leaves a part of it unwritten or uses released memory then yields NaN instead of a
/// plausible number.
public final class PoisonedBackend implements Backend {
    private static final int CHUNK = 1 << 16;

    private final Backend backend;
    private final byte[] poison = new byte[CHUNK];

    /// @param backend does all the work; closing this closes it
    public PoisonedBackend(Backend backend) {
        this.backend = backend;
        Arrays.fill(poison, (byte) 0xFF);
    }

    @Override
    public Storage allocate(long bytes) {
        Storage storage = backend.allocate(bytes);
        recycled(storage);
        return storage;
    }

    @Override
    public void recycled(Storage storage) {
        for (long at = 0; at < storage.bytes(); at += CHUNK) {
            int length = (int) Math.min(CHUNK, storage.bytes() - at);
            Tensor part = new Tensor(storage, DType.U8, Shape.of(length), at, length);
            backend.upload(part, MemorySegment.ofArray(poison).asSlice(0, length));
        }
    }

    @Override
    public Device device() {
        return backend.device();
    }

    @Override
    public Kernels kernels() {
        return backend.kernels();
    }

    @Override
    public String description() {
        return backend.description() + ", uninitialised memory is NaN";
    }

    @Override
    public void free(Storage storage) {
        backend.free(storage);
    }

    @Override
    public void upload(Tensor dst, MemorySegment src) {
        backend.upload(dst, src);
    }

    @Override
    public void download(MemorySegment dst, Tensor src) {
        backend.download(dst, src);
    }

    @Override
    public Tensor adopt(MemorySegment bytes, DType dtype, Shape shape) {
        return backend.adopt(bytes, dtype, shape);
    }

    @Override
    public void synchronize() {
        backend.synchronize();
    }

    @Override
    public long workspaceBytes() {
        return backend.workspaceBytes();
    }

    @Override
    public void close() {
        backend.close();
    }
}
