package dev.lorikeet.cuda;

import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/// A device that does at once, and therefore not at all, what it is asked for: only numbers that are wanted on the host
/// are there, as zeros. Shows what a step of a real model asks of a device, where its memory lies, and how long the
/// host is busy with it.
final class IdleDevice implements Launcher, Blas, DeviceMemory, Graphs {
    private static final long ALIGNMENT = 512;
    private static final long MEMORY = 1L << 40;

    private final Map<Long, Long> sizes = new HashMap<>();
    private long next = 1L << 32;
    private long taken;
    private long requests;
    private boolean capturing;

    static CudaBackend open(MathMode mode, boolean graphs) {
        IdleDevice device = new IdleDevice();
        return new CudaBackend(0, "a device that does nothing", Map.of(),
                new Stream(device, device, device, graphs ? device : null), mode, DeltaProducts.KERNELS);
    }

    private void asked() {
        requests += capturing ? 0 : 1;
    }

    /// Launches, products and copies to it, one by one or in a graph of its own.
    long requests() {
        return requests;
    }

    @Override
    public void launch(Kernel kernel, int x, int y, int threads, int sharedBytes, Arguments arguments) {
        asked();
    }

    @Override
    public int sharedBytesOfBlock() {
        return 227 << 10;
    }

    @Override
    public void gemm(Tensor c, Tensor a, boolean transposeA, Tensor b, boolean transposeB, float alpha, float beta,
            boolean tensorFloat) {
        asked();
    }

    @Override
    public long allocate(long bytes) {
        if (bytes > MEMORY - taken) {
            throw DeviceMemory.noRoom("nothing", bytes, MEMORY - taken, MEMORY);
        }
        long address = next;
        next += Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;   // never the same twice
        sizes.put(address, bytes);
        taken += bytes;
        return address;
    }

    @Override
    public void free(long address) {
        taken -= sizes.remove(address);
    }

    @Override
    public void upload(long address, MemorySegment src) {
        asked();
    }

    @Override
    public void download(MemorySegment dst, long address) {
        dst.fill((byte) 0);
    }

    @Override
    public void synchronize() {}

    @Override
    public double seconds(Runnable work) {
        work.run();
        return 0;
    }

    @Override
    public OptionalLong takenBytes() {
        return OptionalLong.of(taken);
    }

    @Override
    public Graph capture(Runnable work) {
        capturing = true;
        try {
            work.run();
        } finally {
            capturing = false;
        }
        return new Graph() {
            @Override
            public void launch() {
                asked();
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public MemorySegment pinned(long bytes) {
        return Arena.ofAuto().allocate(bytes, 64);
    }

    @Override
    public void release(MemorySegment pinned) {}

    @Override
    public void close() {}
}
