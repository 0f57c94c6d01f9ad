package dev.lorikeet.bench.gpu;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// What is there: the machine, the device, its driver and libraries, the peers. Each fact on its own, so that one that
/// cannot be had hides no other.
final class DevicePart implements Measurement {
    private static final int PATIENCE = 60;
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
        said(rows, "driver", List.of("nvidia-smi", "--query-gpu=name,driver_version,memory.total,clocks.max.sm",
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

    /// What a program says, or why it says nothing.
    private static void said(Rows rows, String fact, List<String> command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            boolean ended = process.waitFor(PATIENCE, TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly();
            }
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            rows.add("fact", fact, "value", said.replaceAll("\\s*\\n\\s*", " | "));
        } catch (IOException e) {
            rows.add("fact", fact, "value", "none: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
