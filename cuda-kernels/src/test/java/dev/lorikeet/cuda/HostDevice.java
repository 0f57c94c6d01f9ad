package dev.lorikeet.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// A device that is the host: kernels compiled by [HostCompiler], a plain matrix product, memory of the process.
@SuppressWarnings("restricted")
final class HostDevice implements Launcher, Blas, DeviceMemory {
    private static final FunctionDescriptor LAUNCH =
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
    private static final FunctionDescriptor GEMM = FunctionDescriptor.ofVoid(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_FLOAT,
            JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_FLOAT, JAVA_LONG,
            JAVA_LONG);

    private final Arena code = Arena.ofShared();
    private final SymbolLookup symbols;
    private final Map<Kernel, MethodHandle> handles = new HashMap<>();
    private final Map<Long, Arena> blocks = new HashMap<>();
    private final MethodHandle gemm;
    private long launches;
    private long products;

    HostDevice(Path library) {
        symbols = SymbolLookup.libraryLookup(library, code);
        gemm = Linker.nativeLinker().downcallHandle(symbols.findOrThrow("host_gemm"), GEMM);
    }

    /// A backend on the kernels in `library`.
    static CudaBackend open(Path library, MathMode mode) {
        HostDevice device = new HostDevice(library);
        return new CudaBackend(0, "the kernels of a GPU on the host", new Stream(device, device, device), mode);
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
        launches++;
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
        products++;
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
        Arena arena = Arena.ofShared();
        long address = arena.allocate(bytes, 256).address();
        blocks.put(address, arena);
        return address;
    }

    @Override
    public void free(long address) {
        blocks.remove(address).close();
    }

    @Override
    public void upload(long address, MemorySegment src) {
        MemorySegment.ofAddress(address).reinterpret(src.byteSize()).copyFrom(src);
    }

    @Override
    public void download(MemorySegment dst, long address) {
        dst.copyFrom(MemorySegment.ofAddress(address).reinterpret(dst.byteSize()));
    }

    @Override
    public void synchronize() {}

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
