package dev.lorikeet.cuda;

import dev.lorikeet.tensor.BackendUnavailable;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/// One device as the driver sees it: its context, the one stream that all work goes through, its properties.
final class DriverContext implements AutoCloseable {
    private final int index;
    private final CUdevice device = new CUdevice();
    private final CUcontext context = new CUcontext();
    private final CUstream stream = new CUstream();
    private LastLaunch last;
    private int captured;
    private boolean capturing;

    private DriverContext(int index) {
        this.index = index;
    }

    /// Number of devices; a clause that says why if the driver does not work.
    static int deviceCount() {
        JCudaDriver.setExceptionsEnabled(false);
        int status = JCudaDriver.cuInit(0);
        if (status == CUresult.CUDA_ERROR_NO_DEVICE) {
            return 0;
        }
        if (status != CUresult.CUDA_SUCCESS) {
            throw new BackendUnavailable("the NVIDIA driver does not start (%s)".formatted(describe(status)));
        }
        int[] count = new int[1];
        return JCudaDriver.cuDeviceGetCount(count) == CUresult.CUDA_SUCCESS ? count[0] : 0;
    }

    /// The newest CUDA that the driver serves: 12, 13.
    static int driverMajor() {
        int[] version = new int[1];
        return JCudaDriver.cuDriverGetVersion(version) == CUresult.CUDA_SUCCESS ? version[0] / 1000 : 0;
    }

    /// Opens device `index`.
    static DriverContext open(int index) {
        int count = deviceCount();
        if (index >= count) {
            throw new BackendUnavailable("there is no device cuda:%d: the driver has %d device%s".formatted(index,
                    count, count == 1 ? "" : "s"));
        }
        DriverContext opened = new DriverContext(index);
        opened.check(JCudaDriver.cuDeviceGet(opened.device, index), "the device");
        opened.check(JCudaDriver.cuDevicePrimaryCtxRetain(opened.context, opened.device), "the device's context");
        opened.makeCurrent();
        opened.check(JCudaDriver.cuStreamCreate(opened.stream, CUstream_flags.CU_STREAM_NON_BLOCKING), "a stream");
        return opened;
    }

    CUstream stream() {
        return stream;
    }

    /// 80 for compute capability 8.0.
    int capability() {
        return 10 * attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
                + attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    }

    /// Dynamic shared memory that a kernel's block can have if it asks for it.
    int sharedBytesOfBlock() {
        return attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
    }

    private int attribute(int attribute) {
        int[] value = new int[1];
        check(JCudaDriver.cuDeviceGetAttribute(value, attribute, device), "an attribute of the device");
        return value[0];
    }

    /// Name, compute capability, memory, newest CUDA of the driver.
    String description() {
        return "%s, compute capability %d.%d, %.1f GiB, driver for CUDA %s".formatted(name(), capability() / 10,
                capability() % 10, memory()[1] / (double) (1 << 30), driverVersion());
    }

    private String name() {
        byte[] name = new byte[256];
        check(JCudaDriver.cuDeviceGetName(name, name.length, device), "the device's name");
        String text = new String(name, StandardCharsets.US_ASCII);
        return text.substring(0, text.indexOf('\0'));
    }

    private static String driverVersion() {
        int[] version = new int[1];
        JCudaDriver.cuDriverGetVersion(version);
        return version[0] / 1000 + "." + version[0] % 1000 / 10;
    }

    /// The same one by one, and what decides how fast it is.
    Map<String, String> details() {
        Map<String, String> details = new LinkedHashMap<>();
        details.put("name", name());
        details.put("compute capability", capability() / 10 + "." + capability() % 10);
        details.put("multiprocessors",
                "" + attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT));
        details.put("L2 cache, bytes", "" + attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE));
        details.put("memory, bytes", "" + memory()[1]);
        details.put("CUDA of the driver", driverVersion());
        return details;
    }

    /// Free and total bytes.
    long[] memory() {
        long[] free = new long[1];
        long[] total = new long[1];
        check(JCudaDriver.cuMemGetInfo(free, total), "the amount of memory");
        return new long[] {free[0], total[0]};
    }

    /// The driver keeps the current context by thread, and a thread may use several devices.
    void makeCurrent() {
        check(JCudaDriver.cuCtxSetCurrent(context), "the device's context");
    }

    /// Notes what was launched last, for messages.
    void launched(Kernel kernel) {
        if (capturing) {
            captured++;
        } else {
            last = LastLaunch.of(kernel);
        }
    }

    /// Notes that a graph of `kernels` kernels was launched last.
    void launchedGraph(int kernels) {
        last = LastLaunch.ofGraph(index, kernels);
    }

    /// Whether what is asked for now goes into a graph instead of being done.
    void capturing(boolean now) {
        capturing = now;
        captured = now ? 0 : captured;
    }

    /// Kernels of the graph that was captured last.
    int capturedKernels() {
        return captured;
    }

    boolean isCapturing() {
        return capturing;
    }

    void synchronize() {
        makeCurrent();
        check(JCudaDriver.cuStreamSynchronize(stream), "the results");
    }

    /// @throws LaunchFailed unless `status` is success
    void check(int status, String what) {
        if (status != CUresult.CUDA_SUCCESS) {
            throw new LaunchFailed("cuda:%d does not give %s: %s%s".formatted(index, what, describe(status),
                    last == null ? "" : "; " + last.advice()));
        }
    }

    static String describe(int status) {
        String[] text = new String[1];
        JCudaDriver.cuGetErrorString(status, text);
        return CUresult.stringFor(status) + (text[0] == null ? "" : ", " + text[0]);
    }

    int index() {
        return index;
    }

    @Override
    public void close() {
        makeCurrent();
        JCudaDriver.cuStreamDestroy(stream);
        JCudaDriver.cuDevicePrimaryCtxRelease(device);
    }
}
