package dev.lorikeet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The very checks of a device ([DeviceTest]) in a process that finds [StandIns] where NVIDIA's libraries would be.
final class StandInTest {
    private static final int MINUTES = 10;

    @BeforeEach
    void compile() {
        assumeTrue(HostCompiler.available("g++"), "needs g++ on the PATH to compile the stand-ins");
        assumeTrue(System.getProperty("os.name").equals("Linux") && System.getProperty("os.arch").equals("amd64"),
                "JCuda's natives are for Linux on x86-64");
    }

    @ParameterizedTest(name = "CUDA {0}, {1}")
    @CsvSource({"12, cuda:0", "13, cuda:0", "13, cuda:0:tf32", "13, cuda:0:bf16"})
    void a_device_passes_its_checks_through_jcuda(int major, String device, @TempDir Path folder)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--add-modules",
                "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-Djava.io.tmpdir=" + folder,
                "-Dlorikeet.device=" + device, "-Dlorikeet.extent=small", "-cp",
                System.getProperty("java.class.path"), DeviceChecks.class.getName()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(StandIns.environment(major));
        builder.environment().put("XDG_CACHE_HOME", folder.resolve("cache").toString());
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor(MINUTES, TimeUnit.MINUTES)).as("ended").isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        assertThat(said).contains("stand-in for a device, compute capability 9.0", "row {").contains(" 0 failed")
                .doesNotContain("stand-in refuses", "\"passed\":false");
        assertThat(folder).as("where JCuda's natives are staged")
                .isDirectoryContaining("glob:**/libJCublas2-*.so").isDirectoryContaining("glob:**/libJNvrtc-*.so");
    }
}
