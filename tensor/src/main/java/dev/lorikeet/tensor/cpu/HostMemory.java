package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.OutOfDeviceMemory;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Storage;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The host's memory as a backend owns it: uninitialised, aligned blocks that are freed one by one or, at the latest,
/// when the backend closes.
///
/// Each block has an arena of its own, so that freeing it returns the memory at once and a later access through its
/// segment throws instead of reading someone else's numbers. (Kernels that go through [#ALL] have no such protection.)
final class HostMemory implements AutoCloseable {
    /// Every address of the process in one segment. Vector kernels read and write through it with `long` byte
    /// addresses: one segment everywhere means one type profile and no bounds checks worth speaking of.
    @SuppressWarnings("restricted")
    static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private static final long CACHE_LINE = 64;

    private final Map<Long, Arena> blocks = new ConcurrentHashMap<>();

    /// A new block with arbitrary content: aligned to 64 bytes, from 2 MiB on to 2 MiB and offered to the kernel as
    /// huge pages.
    ///
    /// @throws OutOfDeviceMemory if the system refuses
    HostStorage allocate(long bytes) {
        long alignment = bytes >= NativeHeap.HUGE_PAGE ? NativeHeap.HUGE_PAGE : CACHE_LINE;
        Arena arena = Arena.ofShared();
        MemorySegment block = NativeHeap.allocate(bytes, alignment, arena);
        if (block.equals(MemorySegment.NULL)) {
            arena.close();
            throw new OutOfDeviceMemory("the system refused %d bytes of host memory".formatted(bytes), null);
        }
        blocks.put(block.address(), arena);
        return new HostStorage(block);
    }

    /// Returns a block to the system.
    ///
    /// @throws IllegalArgumentException if it is not a live block of this memory
    void free(Storage storage) {
        Arena arena = blocks.remove(storage.address());
        if (arena == null) {
            throw new IllegalArgumentException(
                    "storage of %d bytes at %x was not allocated by this backend or has been freed already"
                            .formatted(storage.bytes(), storage.address()));
        }
        arena.close();
    }

    /// Gives up what `storage` holds: a block of this memory is freed, pages of a mapped file are left to the system,
    /// which reads them again should somebody ask.
    void release(Storage storage) {
        if (blocks.containsKey(storage.address())) {
            free(storage);
        } else {
            NativeHeap.forget(storage.segment());
        }
    }

    /// A tensor over `bytes` itself if they are aligned for `dtype`, over an aligned copy otherwise (a safetensors file
    /// may put F32 data at any byte). Kernels may therefore rely on natural alignment.
    Tensor adopt(MemorySegment bytes, DType dtype, Shape shape) {
        if (bytes.isNative() && bytes.address() % dtype.bytes() == 0) {
            return Tensor.of(new HostStorage(bytes), dtype, shape);
        }
        HostStorage copy = allocate(bytes.byteSize());
        copy.segment().copyFrom(bytes);
        return Tensor.of(copy, dtype, shape);
    }

    /// Copies host bytes into a contiguous tensor.
    static void upload(Tensor dst, MemorySegment src) {
        requireSameBytes("upload", dst, src);
        MemorySegment.copy(src, 0, dst.storage().segment(), start(dst), dst.bytes());
    }

    /// Copies a contiguous tensor into host bytes.
    static void download(MemorySegment dst, Tensor src) {
        requireSameBytes("download", src, dst);
        MemorySegment.copy(src.storage().segment(), start(src), dst, 0, src.bytes());
    }

    /// Number of live blocks.
    int liveBlocks() {
        return blocks.size();
    }

    @Override
    public void close() {
        blocks.values().forEach(Arena::close);
        blocks.clear();
    }

    private static long start(Tensor tensor) {
        return tensor.offset() * tensor.dtype().bytes();
    }

    private static void requireSameBytes(String what, Tensor tensor, MemorySegment host) {
        if (!tensor.isContiguous()) {
            throw new IllegalArgumentException("%s of %s needs contiguous rows, the row stride is %d"
                    .formatted(what, tensor, tensor.rowStride()));
        }
        if (tensor.bytes() != host.byteSize()) {
            throw new IllegalArgumentException("%s of %s (%d bytes) with %d host bytes"
                    .formatted(what, tensor, tensor.bytes(), host.byteSize()));
        }
    }
}
