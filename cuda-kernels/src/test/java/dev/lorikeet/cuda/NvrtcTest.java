package dev.lorikeet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// NVIDIA's own libraries, where they are installed: JCuda's natives load with them, whatever their version, and
/// kernels become machine code of a device that need not be there.
final class NvrtcTest {
    private static final int NEWEST = 13;

    @Test
    void every_kernel_is_compiled_for_devices_that_are_not_there(@TempDir Path folder) throws IOException {
        JCudaNatives natives = new JCudaNatives(Path.of(System.getProperty("java.io.tmpdir")), "12.6.0");
        CudaLibraries libraries = CudaLibraries.of(System.getenv(), Path.of("/"));
        Optional<CudaLibraries.Found> nvrtc = libraries.find("nvrtc", NEWEST);
        assumeTrue(nvrtc.isPresent(), () -> "needs NVRTC: " + libraries.missing("nvrtc", NEWEST));
        natives.prepare("JNvrtc", "nvrtc", nvrtc.get(), List.of("nvrtc-builtins"));
        for (int capability : new int[] {80, 90}) {
            KernelCache cache = new KernelCache(folder, new NvrtcCompiler(capability));
            for (Unit unit : HostCompiler.units(64)) {
                assertThat(cache.module(unit)).as("cubin of " + unit).startsWith(0x7F, 'E', 'L', 'F');
            }
        }
    }
}
