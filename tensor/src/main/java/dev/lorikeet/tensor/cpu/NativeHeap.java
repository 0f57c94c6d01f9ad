package dev.lorikeet.tensor.cpu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// `aligned_alloc`, `free`, `mmap`, `munmap` and `madvise` of the C library. The JDK's arenas would do but for one
/// thing: they clear what they hand out, and clearing gigabytes that are about to be overwritten costs seconds.
///
/// On Linux blocks of [#HUGE_PAGE] and more are mappings of their own: freeing one returns its pages at once, and
/// advice about one says nothing about what the C library's heap will hold there later. A C library without
/// `aligned_alloc` (Windows) gets the arena's own, cleared memory: the same blocks, slower to get.
@SuppressWarnings("restricted")
final class NativeHeap {
    /// Bytes of a huge page: larger blocks are aligned to it.
    static final long HUGE_PAGE = 2L << 20;

    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
    private static final long MAP_FAILED = -1;
    private static final int MADV_DONTNEED = 4;
    private static final int MADV_HUGEPAGE = 14;
    private static final long PAGE = 4096;
    private static final boolean LINUX = System.getProperty("os.name").equals("Linux");
    private static final MethodHandle ALIGNED_ALLOC =
            find("aligned_alloc", FunctionDescriptor.of(ADDRESS, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle FREE = find("free", FunctionDescriptor.ofVoid(ADDRESS));
    private static final MethodHandle MMAP = find(
            "mmap", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle MUNMAP = find("munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle MADVISE =
            find("madvise", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

    private NativeHeap() {}

    /// A block that `arena` frees when it closes, or `NULL` if there is no memory.
    static MemorySegment allocate(long bytes, long alignment, Arena arena) {
        if (LINUX && MMAP != null && MUNMAP != null && bytes >= HUGE_PAGE && alignment <= HUGE_PAGE) {
            return map(bytes, arena);
        }
        long size = Math.max(1, (bytes + alignment - 1) / alignment) * alignment;
        if (ALIGNED_ALLOC == null) {
            try {
                return arena.allocate(size, alignment).asSlice(0, bytes);
            } catch (OutOfMemoryError _) {
                return MemorySegment.NULL;
            }
        }
        try {
            MemorySegment block = (MemorySegment) ALIGNED_ALLOC.invokeExact(alignment, size);
            return block.address() == 0
                    ? MemorySegment.NULL
                    : block.reinterpret(bytes, arena, NativeHeap::free);
        } catch (Throwable failure) {
            throw new IllegalStateException(
                    "aligned_alloc(%d, %d) could not be called".formatted(alignment, size), failure);
        }
    }

    /// A mapping that begins at a huge page.
    private static MemorySegment map(long bytes, Arena arena) {
        long size = bytes + HUGE_PAGE;
        try {
            MemorySegment mapping = (MemorySegment) MMAP.invokeExact(
                    MemorySegment.NULL, size, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0L);
            if (mapping.address() == MAP_FAILED) {
                return MemorySegment.NULL;
            }
            MemorySegment block = MemorySegment.ofAddress((mapping.address() + HUGE_PAGE - 1) & -HUGE_PAGE);
            if (MADVISE != null) {
                // Advice: a refusal changes nothing. Whole huge pages only, as one under the tail would be resident in
                // full: a tenth of the memory of a training step.
                int _ = (int) MADVISE.invokeExact(block, bytes & -HUGE_PAGE, MADV_HUGEPAGE);
            }
            return block.reinterpret(bytes, arena, _ -> unmap(mapping, size));
        } catch (Throwable failure) {
            throw new IllegalStateException("mmap of %d bytes could not be called".formatted(size), failure);
        }
    }

    private static void unmap(MemorySegment mapping, long size) {
        try {
            int _ = (int) MUNMAP.invokeExact(mapping, size);
        } catch (Throwable failure) {
            throw new IllegalStateException("munmap could not be called", failure);
        }
    }

    /// Lets the system drop the pages of a mapped file that lie wholly in `mapped`; reading them again reads the file.
    /// Only for memory that nobody has written: the content of anonymous memory would be lost.
    static void forget(MemorySegment mapped) {
        long from = (mapped.address() + PAGE - 1) & -PAGE;
        long to = (mapped.address() + mapped.byteSize()) & -PAGE;
        if (!LINUX || MADVISE == null || !mapped.isMapped() || from >= to) {
            return;
        }
        try {
            int _ = (int) MADVISE.invokeExact(MemorySegment.ofAddress(from), to - from, MADV_DONTNEED);
        } catch (Throwable failure) {
            throw new IllegalStateException("madvise could not be called", failure);
        }
    }

    private static void free(MemorySegment block) {
        try {
            FREE.invokeExact(block);
        } catch (Throwable failure) {
            throw new IllegalStateException("free could not be called", failure);
        }
    }

    private static MethodHandle find(String name, FunctionDescriptor type) {
        Linker linker = Linker.nativeLinker();
        return linker.defaultLookup().find(name).map(symbol -> linker.downcallHandle(symbol, type)).orElse(null);
    }
}
