package dev.lorikeet.cuda;

import java.util.HashMap;
import java.util.Map;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/// Launches through the driver. A source is compiled, or fetched from the cache, when the first of its kernels is asked
/// for.
final class DriverLauncher implements Launcher {
    /// Dynamic shared memory that a kernel may have without asking.
    private static final int USUAL_SHARED = 48 << 10;

    private static final class Loaded {
        private final CUfunction function = new CUfunction();
        private int shared = USUAL_SHARED;
    }

    private final DriverContext context;
    private final KernelCache cache;
    private final Map<Unit, CUmodule> modules = new HashMap<>();
    private final Map<Kernel, Loaded> kernels = new HashMap<>();
    private Arguments known;
    private Pointer pointers;

    DriverLauncher(DriverContext context, KernelCache cache) {
        this.context = context;
        this.cache = cache;
    }

    @Override
    public void launch(Kernel kernel, int x, int y, int threads, int sharedBytes, Arguments arguments) {
        context.makeCurrent();
        Loaded loaded = kernels.get(kernel);
        if (loaded == null) {
            loaded = load(kernel);
            kernels.put(kernel, loaded);
        }
        if (arguments != known) {
            known = arguments;
            pointers = Pointer.to(arguments.pointers().asByteBuffer());
        }
        int status = CUresult.CUDA_SUCCESS;
        if (sharedBytes > loaded.shared) {
            status = JCudaDriver.cuFuncSetAttribute(loaded.function,
                    CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, sharedBytes);
            loaded.shared = sharedBytes;
        }
        if (status == CUresult.CUDA_SUCCESS) {
            status = JCudaDriver.cuLaunchKernel(loaded.function, x, y, 1, threads, 1, 1, sharedBytes,
                    context.stream(), pointers, null);
        }
        if (status != CUresult.CUDA_SUCCESS) {
            throw LaunchFailed.of(kernel, x, y, threads, sharedBytes, arguments, DriverContext.describe(status));
        }
        context.launched(kernel);
    }

    @Override
    public int sharedBytesOfBlock() {
        return context.sharedBytesOfBlock();
    }

    private Loaded load(Kernel kernel) {
        CUmodule module = modules.get(kernel.unit());
        if (module == null) {
            module = new CUmodule();
            context.check(JCudaDriver.cuModuleLoadData(module, cache.module(kernel.unit())),
                    "the kernels of " + kernel.unit().name());
            modules.put(kernel.unit(), module);
        }
        Loaded loaded = new Loaded();
        context.check(JCudaDriver.cuModuleGetFunction(loaded.function, module, kernel.entry()),
                "the kernel " + kernel);
        return loaded;
    }

    @Override
    public void close() {
        context.makeCurrent();
        modules.values().forEach(JCudaDriver::cuModuleUnload);
        modules.clear();
        kernels.clear();
    }
}
