package dev.lorikeet.bench.gpu;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// What is there: the machine, the device, its driver and libraries, the peers. Each fact on its own, so that one that
/// cannot be had hides no other.
final class DevicePart implements Measurement {
    /// The fact that says which driver it is.
    static final String DRIVER = "driver";
    private static final int PATIENCE = 60;
    private static final Path LOADED = Path.of("/proc/driver/nvidia/version");
    private static final String PEERS = """
            import importlib.metadata as m
            for p in ('torch', 'transformers', 'peft', 'triton', 'safetensors'):
                try: print(p, m.version(p), end='; ')
                except Exception: print(p, 'missing', end='; ')
            """;

    @Override
    public void run(PartSettings settings, String rest, Rows rows) {
        rows.add("fact", "machine", "value", "%s, %d processors, Linux %s, Java %s".formatted(
                System.getProperty("os.arch"), Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.version"), Runtime.version()));
        rows.add("fact", DRIVER, "value", driver());
        said(rows, "nvidia-smi", List.of("nvidia-smi",
                "--query-gpu=name,driver_version,memory.total,memory.used,clocks.max.sm,clocks.max.memory,power.limit",
                "--format=csv,noheader"));
        said(rows, "Python", List.of(settings.python(), "-c",
                "import sys; print(sys.version.split()[0], sys.executable)"));
        said(rows, "peers", List.of(settings.python(), "-c", PEERS));
        said(rows, "compute-sanitizer", List.of("compute-sanitizer", "--version"));
        new TreeMap<>(System.getenv()).forEach((name, value) -> {
            if (name.startsWith("CUDA") || name.equals("LD_LIBRARY_PATH") || name.equals("LORIKEET_CUDA_LIBRARIES")) {
                rows.add("fact", name, "value", value);
            }
        });
        try (Backend backend = Backends.open(settings.device())) {
            rows.add("fact", "device", "value", backend.description());
            for (Map.Entry<String, String> detail : backend.details().entrySet()) {
                rows.add("fact", detail.getKey(), "value", detail.getValue());
            }
        }
    }

    /// The driver's version, from whoever knows it.
    private static String driver() {
        String asked = said(List.of("nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"));
        if (asked.matches("[0-9.]+( \\| [0-9.]+)*")) {
            return asked.split(" ")[0];
        }
        try {
            return Files.readString(LOADED).lines().findFirst().orElse("unknown").replaceAll("\\s+", " ");
        } catch (IOException e) {
            return "unknown";
        }
    }

    /// Bytes of the device that are taken, by whomever, as the driver's tool says; empty where it says nothing.
    static OptionalLong taken(PartSettings settings) {
        String index = settings.device().replaceFirst("[^:]*:?", "");
        String said = settings.onGpu() ? said(List.of("nvidia-smi", "--id=" + index, "--query-gpu=memory.used",
                "--format=csv,noheader,nounits")) : "";
        return said.matches("[0-9]+") ? OptionalLong.of(Long.parseLong(said) << 20) : OptionalLong.empty();
    }

    private static void said(Rows rows, String fact, List<String> command) {
        rows.add("fact", fact, "value", said(command));
    }

    /// What a program says, or why it says nothing.
    private static String said(List<String> command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            boolean ended = process.waitFor(PATIENCE, TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly();
            }
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return said.replaceAll("\\s*\\n\\s*", " | ");
        } catch (IOException e) {
            return "none: " + e.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "none: interrupted";
        }
    }
}
