package dev.lorikeet.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/// A device that is the host: kernels compiled by [HostCompiler], a plain matrix product, memory of the process.
@SuppressWarnings("restricted")
final class HostDevice implements Launcher, Blas, DeviceMemory, Graphs {
    private static final FunctionDescriptor LAUNCH =
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
    private static final FunctionDescriptor GEMM = FunctionDescriptor.ofVoid(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_FLOAT,
            JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_FLOAT, JAVA_LONG,
            JAVA_LONG);

    /// Of compute capability 9.0.
    private static final int SHARED_BYTES = 227 << 10;

    private final Arena code = Arena.ofShared();
    private final Path library;
    private final SymbolLookup symbols;
    private final Map<Kernel, MethodHandle> handles = new HashMap<>();
    private final Map<Long, Arena> blocks = new HashMap<>();
    private final Map<Long, Long> sizes = new HashMap<>();
    private final MethodHandle gemm;
    private final Map<Long, Arena> pinned = new HashMap<>();
    private final long limit;
    private final int sharedBytes;
    private long allocated;
    private List<Runnable> captured;
    private long launches;
    private long products;

    HostDevice(Path library) {
        this(library, Long.MAX_VALUE);
    }

    /// @param limit bytes of memory that the device has
    HostDevice(Path library, long limit) {
        this(library, limit, SHARED_BYTES);
    }

    /// @param sharedBytes dynamic shared memory that a block may have
    HostDevice(Path library, long limit, int sharedBytes) {
        this.library = library;
        this.limit = limit;
        this.sharedBytes = sharedBytes;
        symbols = SymbolLookup.libraryLookup(library, code);
        gemm = Linker.nativeLinker().downcallHandle(symbols.findOrThrow("host_gemm"), GEMM);
    }

    /// A backend on the kernels in `library`.
    static CudaBackend open(Path library, MathMode mode) {
        return open(library, mode, true);
    }

    /// @param graphs whether steps that repeat themselves become graphs
    static CudaBackend open(Path library, MathMode mode, boolean graphs) {
        return new HostDevice(library).open(mode, graphs);
    }

    /// A backend on this device.
    CudaBackend open(MathMode mode, boolean graphs) {
        return new CudaBackend(0, "the kernels of a GPU on the host", Map.of("library", library.toString()),
                new Stream(this, this, this, graphs ? this : null), mode, DeltaProducts.KERNELS);
    }

    /// Kernels that have been started.
    Set<Kernel> started() {
        return Set.copyOf(handles.keySet());
    }

    long launches() {
        return launches;
    }

    /// How often cuBLAS would have been called.
    long products() {
        return products;
    }

    @Override
    public void launch(Kernel kernel, int x, int y, int threads, int sharedBytes, Arguments arguments) {
        if (captured != null) {
            Arguments.Copy copy = arguments.copy();
            captured.add(() -> start(kernel, x, y, threads, sharedBytes, new Arguments().restore(copy)));
            return;
        }
        launches++;
        start(kernel, x, y, threads, sharedBytes, arguments);
    }

    @Override
    public int sharedBytesOfBlock() {
        return sharedBytes;
    }

    private void start(Kernel kernel, int x, int y, int threads, int sharedBytes, Arguments arguments) {
        if (sharedBytes > this.sharedBytes) {
            throw LaunchFailed.of(kernel, x, y, threads, sharedBytes, arguments, "more shared memory than there is");
        }
        MethodHandle handle = handles.computeIfAbsent(kernel, k -> Linker.nativeLinker()
                .downcallHandle(symbols.findOrThrow("launch_" + k.entry()), LAUNCH));
        int status;
        try {
            status = (int) handle.invokeExact(x, y, threads, sharedBytes, arguments.pointers());
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
        if (status != 0) {
            throw LaunchFailed.of(kernel, x, y, threads, sharedBytes, arguments,
                    "threads wait at a barrier or shuffle that others never reach");
        }
    }

    @Override
    public void gemm(Tensor c, Tensor a, boolean transposeA, Tensor b, boolean transposeB, float alpha, float beta,
            boolean tensorFloat) {
        if (a.dtype() != b.dtype() || c.dtype() != DType.F32) {
            throw new IllegalArgumentException("%s, %s, %s".formatted(c, a, b));
        }
        if (captured != null) {
            captured.add(() -> multiply(c, a, transposeA, b, transposeB, alpha, beta));
            return;
        }
        products++;
        multiply(c, a, transposeA, b, transposeB, alpha, beta);
    }

    private void multiply(Tensor c, Tensor a, boolean transposeA, Tensor b, boolean transposeB, float alpha,
            float beta) {
        try {
            gemm.invokeExact(c.rows(), c.cols(), transposeA ? a.rows() : a.cols(), alpha, a.address(),
                    (long) a.rowStride(), transposeA ? 1 : 0, b.address(), (long) b.rowStride(), transposeB ? 1 : 0,
                    a.dtype() == DType.BF16 ? 1 : 0, beta, c.address(), (long) c.rowStride());
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public long allocate(long bytes) {
        requireNoCapture();
        if (bytes > limit - allocated) {
            throw DeviceMemory.noRoom("the host", bytes, limit - allocated, limit);
        }
        allocated += bytes;
        Arena arena = Arena.ofShared();
        long address = arena.allocate(bytes, 256).address();
        blocks.put(address, arena);
        sizes.put(address, bytes);
        return address;
    }

    @Override
    public void free(long address) {
        requireNoCapture();
        blocks.remove(address).close();
        allocated -= sizes.remove(address);
    }

    @Override
    public void upload(long address, MemorySegment src) {
        if (captured != null) {
            assertThat(pinned).as("memory that a graph uploads from").containsKey(src.address());
            captured.add(() -> upload(address, src));
            return;
        }
        MemorySegment.ofAddress(address).reinterpret(src.byteSize()).copyFrom(src);
    }

    @Override
    public void download(MemorySegment dst, long address) {
        requireNoCapture();
        dst.copyFrom(MemorySegment.ofAddress(address).reinterpret(dst.byteSize()));
    }

    @Override
    public void synchronize() {
        requireNoCapture();
    }

    /// A graph is a list; what a device refuses while it captures is refused here as well.
    @Override
    public Graph capture(Runnable requests) {
        List<Runnable> graph = new ArrayList<>();
        captured = graph;
        try {
            requests.run();
        } finally {
            captured = null;
        }
        return new Graph() {
            @Override
            public void launch() {
                graph.forEach(Runnable::run);
            }

            @Override
            public void close() {
                graph.clear();
            }
        };
    }

    @Override
    public MemorySegment pinned(long bytes) {
        Arena arena = Arena.ofShared();
        MemorySegment memory = arena.allocate(bytes, 64);
        pinned.put(memory.address(), arena);
        return memory;
    }

    @Override
    public void release(MemorySegment memory) {
        pinned.remove(memory.address()).close();
    }

    private void requireNoCapture() {
        if (captured != null) {
            throw new AssertionError("a graph is being captured: no memory can be given or taken, nothing waited for");
        }
    }

    @Override
    public double seconds(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e9;
    }

    @Override
    public OptionalLong takenBytes() {
        return OptionalLong.of(allocated);
    }

    /// Called for each of the three roles.
    @Override
    public void close() {
        blocks.values().forEach(Arena::close);
        blocks.clear();
        if (code.scope().isAlive()) {
            code.close();
        }
    }
}
