package dev.lorikeet.bench.peers.blas;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.lorikeet.bench.kernels.GemmProblem;
import dev.lorikeet.bench.kernels.GemmShape;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;

/// `cblas_sgemm` of one library, looked up in that library's own handle: with MKL preloaded the same name in the
/// process' global scope is MKL's.
@SuppressWarnings("restricted")
final class Cblas {
    private static final int ROW_MAJOR = 101;
    private static final int AS_IS = 111;
    private static final int TRANSPOSED = 112;
    private static final FunctionDescriptor SGEMM = FunctionDescriptor.ofVoid(
            JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT,
            JAVA_FLOAT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_FLOAT, ADDRESS, JAVA_INT);

    private final String name;
    private final MethodHandle sgemm;

    private Cblas(String name, Path library) {
        this.name = name;
        MemorySegment symbol = SymbolLookup.libraryLookup(library, Arena.global())
                .find("cblas_sgemm")
                .orElseThrow(() -> new IllegalStateException(library + " has no cblas_sgemm"));
        sgemm = Linker.nativeLinker().downcallHandle(symbol, SGEMM);
    }

    /// OpenBLAS as the preset delivers it, with its own threads.
    static Cblas openBlas() {
        Path folder = Path.of(Loader.load(openblas.class)).toAbsolutePath().getParent();
        try (Stream<Path> files = Files.list(folder)) {
            Path library = files.filter(file -> file.getFileName().toString().startsWith("libopenblas.so"))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no libopenblas.so in " + folder));
            return new Cblas("OpenBLAS", library);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// MKL, if it was preloaded when the process started: later is too late for libtorch beside it.
    static Optional<Cblas> mkl() {
        String preload = Optional.ofNullable(System.getenv("LD_PRELOAD")).orElse("");
        return Stream.of(preload.split("[ :]"))
                .filter(path -> new File(path).getName().startsWith("libmkl_rt.so"))
                .findFirst()
                .map(path -> new Cblas("MKL", Path.of(path)));
    }

    String name() {
        return name;
    }

    /// Computes the C of `problem`.
    void multiply(GemmProblem problem) {
        GemmShape shape = problem.shape();
        try {
            sgemm.invokeExact(ROW_MAJOR, shape.ta() ? TRANSPOSED : AS_IS, shape.tb() ? TRANSPOSED : AS_IS,
                    shape.m(), shape.n(), shape.k(),
                    1f, MemorySegment.ofAddress(problem.a().address()), problem.a().rowStride(),
                    MemorySegment.ofAddress(problem.b().address()), problem.b().rowStride(),
                    0f, MemorySegment.ofAddress(problem.c().address()), problem.c().rowStride());
        } catch (Throwable failure) {
            throw new IllegalStateException("cblas_sgemm of %s failed".formatted(name), failure);
        }
    }
}
