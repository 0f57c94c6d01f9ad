package dev.lorikeet.cuda;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/// A device's memory, through the driver. Copies go through pinned host memory, which the device reads by itself: the
/// host only has to fill it, and goes on while the device is still busy with what was asked for before.
final class DriverMemory implements DeviceMemory {
    /// A driver's pointer that says what it points to.
    private static final class Block extends CUdeviceptr {
        long address() {
            return getNativePointer();
        }
    }

    private static final int SMALL_BYTES = 64 << 10;
    private static final int LARGE_BYTES = 16 << 20;

    private final DriverContext context;
    private final Staging small;
    private final Staging large;
    private final Map<Long, Block> blocks = new HashMap<>();

    DriverMemory(DriverContext context) {
        this.context = context;
        this.small = new Staging(context, 64, SMALL_BYTES);
        this.large = new Staging(context, 2, LARGE_BYTES);
    }

    @Override
    public long allocate(long bytes) {
        context.makeCurrent();
        Block block = new Block();
        int status = JCudaDriver.cuMemAlloc(block, bytes);
        if (status == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
            long[] memory = context.memory();
            throw DeviceMemory.noRoom("cuda:" + context.index(), bytes, memory[0], memory[1]);
        }
        context.check(status, "%,d bytes of memory".formatted(bytes));
        blocks.put(block.address(), block);
        return block.address();
    }

    @Override
    public void free(long address) {
        context.makeCurrent();
        Block block = blocks.remove(address);
        if (block == null) {
            throw new IllegalArgumentException("no block of memory begins at %x".formatted(address));
        }
        context.check(JCudaDriver.cuMemFree(block), "memory back");
    }

    @Override
    public void upload(long address, MemorySegment src) {
        context.makeCurrent();
        if (context.isCapturing()) {                         // from pinned memory, which stays where it is
            context.check(JCudaDriver.cuMemcpyHtoDAsync(at(address), Pointer.to(src.asByteBuffer()), src.byteSize(),
                    context.stream()), "a copy to it");
            return;
        }
        Staging staging = src.byteSize() <= SMALL_BYTES ? small : large;
        for (long from = 0; from < src.byteSize(); from += staging.bytes()) {
            long bytes = Math.min(staging.bytes(), src.byteSize() - from);
            Staging.Buffer buffer = staging.next();
            MemorySegment.copy(src, from, buffer.memory(), 0, bytes);
            context.check(JCudaDriver.cuMemcpyHtoDAsync(at(address + from), buffer.pointer(), bytes,
                    context.stream()), "a copy to it");
            buffer.used();
        }
    }

    @Override
    public void download(MemorySegment dst, long address) {
        context.makeCurrent();
        Staging staging = dst.byteSize() <= SMALL_BYTES ? small : large;
        for (long from = 0; from < dst.byteSize(); from += staging.bytes()) {
            long bytes = Math.min(staging.bytes(), dst.byteSize() - from);
            Staging.Buffer buffer = staging.next();
            context.check(JCudaDriver.cuMemcpyDtoHAsync(buffer.pointer(), at(address + from), bytes,
                    context.stream()), "a copy from it");
            context.synchronize();
            MemorySegment.copy(buffer.memory(), 0, dst, from, bytes);
        }
    }

    private static CUdeviceptr at(long address) {
        return new CUdeviceptr().withByteOffset(address);
    }

    @Override
    public void synchronize() {
        context.synchronize();
    }

    @Override
    public double seconds(Runnable work) {
        context.makeCurrent();
        try (Stopwatch watch = new Stopwatch(context)) {
            return watch.seconds(work);
        }
    }

    @Override
    public OptionalLong takenBytes() {
        context.makeCurrent();
        long[] memory = context.memory();
        return OptionalLong.of(memory[1] - memory[0]);
    }

    /// The last to be closed: takes the context with it.
    @Override
    public void close() {
        context.makeCurrent();
        small.close();
        large.close();
        blocks.values().forEach(JCudaDriver::cuMemFree);
        blocks.clear();
        context.close();
    }
}
