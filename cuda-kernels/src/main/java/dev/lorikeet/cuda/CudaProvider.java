package dev.lorikeet.cuda;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.BackendProvider;
import dev.lorikeet.tensor.BackendUnavailable;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import jcuda.CudaException;
import jcuda.JCudaVersion;

/// Announces NVIDIA GPUs as `cuda:N`, with another [MathMode] than F32 as `cuda:N:tf32` or `cuda:N:bf16`, with
/// [DeltaProducts] by cuBLAS as `cuda:N:cublas` or `cuda:N:bf16:cublas`, and with `:nographs` at the end if every
/// kernel is to be launched by itself, as in `cuda:N:nographs`.
public final class CudaProvider implements BackendProvider {
    /// Compute capability from which on products can round their inputs to TF32 and BF16.
    private static final int TENSOR_CORES = 80;
    private static final Path ROOT = Path.of("/");

    @Override
    public String kind() {
        return "cuda";
    }

    @Override
    public Optional<String> refusal() {
        if (!System.getProperty("os.name").equals("Linux") || !System.getProperty("os.arch").equals("amd64")) {
            return Optional.of("it needs Linux on x86-64, this is %s on %s".formatted(System.getProperty("os.name"),
                    System.getProperty("os.arch")));
        }
        if (!JCudaNatives.driverExists()) {
            return Optional.of("no NVIDIA driver was found (the loader knows no libcuda.so.1)");
        }
        try {
            if (DriverContext.deviceCount() == 0) {
                return Optional.of("the NVIDIA driver has no device");
            }
        } catch (BackendUnavailable | CudaException | LinkageError e) {   // the driver's, or of JCuda's natives
            return Optional.of("JCuda cannot use the NVIDIA driver: " + e.getMessage());
        }
        int newest = DriverContext.driverMajor();
        CudaLibraries libraries = libraries();
        for (String library : List.of("cublas", "nvrtc")) {
            if (libraries.find(library, newest).isEmpty()) {
                return Optional.of(libraries.missing(library, newest));
            }
        }
        return Optional.empty();
    }

    private static CudaLibraries libraries() {
        return CudaLibraries.of(System.getenv(), ROOT);
    }

    @Override
    public Backend open(String argument) {
        Choice choice = Choice.of(argument);
        int newest = DriverContext.driverMajor();
        CudaLibraries libraries = libraries();
        JCudaNatives natives = new JCudaNatives(Path.of(System.getProperty("java.io.tmpdir")), JCudaVersion.get());
        CudaLibraries.Found cublas = found(libraries, "cublas", newest);
        CudaLibraries.Found nvrtc = found(libraries, "nvrtc", newest);
        natives.prepare("JCublas2", "cublas", cublas, List.of("cublasLt"));
        natives.prepare("JNvrtc", "nvrtc", nvrtc, List.of("nvrtc-builtins"));
        DriverContext context = DriverContext.open(choice.index());
        try {
            return open(choice, context, cublas, nvrtc);
        } catch (RuntimeException | LinkageError e) {
            context.close();
            throw e;
        }
    }

    private static Backend open(Choice choice, DriverContext context, CudaLibraries.Found cublas,
            CudaLibraries.Found nvrtc) {
        if (choice.mode() != MathMode.F32 && context.capability() < TENSOR_CORES) {
            throw new BackendUnavailable(("math mode %s takes tensor cores of compute capability 8.0, cuda:%d has "
                    + "%d.%d: open it as cuda:%2$d").formatted(choice.mode(), choice.index(),
                    context.capability() / 10, context.capability() % 10));
        }
        KernelCompiler compiler = new NvrtcCompiler(context.capability());
        Map<String, String> environment = System.getenv();
        KernelCache cache = new KernelCache(KernelCache.usualFolder(environment), compiler);
        CublasBlas blas = new CublasBlas(context);
        Stream stream = new Stream(new DriverLauncher(context, cache), blas, new DriverMemory(context),
                choice.graphs() ? new DriverGraphs(context) : null);
        String description = "%s, %s, products in %s%s%s".formatted(context.description(), blas.description(),
                choice.mode(), choice.deltas() == DeltaProducts.CUBLAS ? ", those of deltas by cuBLAS" : "",
                choice.graphs() ? "" : ", no graphs");
        Map<String, String> details = new LinkedHashMap<>(context.details());
        details.put("products", choice.mode().toString());
        details.put("cuBLAS", "%s, %s".formatted(blas.description(), cublas.file()));
        details.put("NVRTC", "%s, %s".formatted(compiler.identity(), nvrtc.file()));
        details.put("JCuda", JCudaVersion.get());
        details.put("compiled kernels", KernelCache.usualFolder(environment).toString());
        return new CudaBackend(choice.index(), description, details, stream, choice.mode(), choice.deltas());
    }

    private static CudaLibraries.Found found(CudaLibraries libraries, String library, int newest) {
        return libraries.find(library, newest)
                .orElseThrow(() -> new BackendUnavailable(libraries.missing(library, newest)));
    }

    /// What follows `cuda:`: the number of a device, then perhaps a math mode, who computes the products of deltas, and
    /// that no graphs are wanted.
    record Choice(int index, MathMode mode, DeltaProducts deltas, boolean graphs) {
        private static final String NO_GRAPHS = "nographs";

        /// @throws BackendUnavailable if it is something else
        static Choice of(String argument) {
            String[] parts = argument.isEmpty() ? new String[] {"0"} : argument.split(":", -1);
            boolean graphs = parts.length < 2 || !parts[parts.length - 1].equalsIgnoreCase(NO_GRAPHS);
            int end = graphs ? parts.length : parts.length - 1;
            try {
                int index = Integer.parseInt(parts[0]);
                MathMode mode = MathMode.F32;
                DeltaProducts deltas = DeltaProducts.KERNELS;
                int next = 1;
                if (next < end && !parts[next].equalsIgnoreCase(DeltaProducts.CUBLAS.name())) {
                    mode = MathMode.valueOf(parts[next++].toUpperCase(Locale.ROOT));
                }
                if (next < end) {
                    deltas = DeltaProducts.valueOf(parts[next++].toUpperCase(Locale.ROOT));
                }
                if (next == end && index >= 0) {
                    return new Choice(index, mode, deltas, graphs);
                }
            } catch (IllegalArgumentException e) {
                throw refused(argument, e);
            }
            throw refused(argument, null);
        }

        private static BackendUnavailable refused(String argument, Throwable cause) {
            return new BackendUnavailable(("backend 'cuda:N' takes the number of a device from 0 on, perhaps a math "
                    + "mode, f32, tf32 or bf16, perhaps cublas, for the products of low-rank deltas by cuBLAS, and "
                    + "perhaps nographs, for kernels launched one by one, as in cuda:0:tf32; found 'cuda:%s'")
                    .formatted(argument), cause);
        }
    }
}
