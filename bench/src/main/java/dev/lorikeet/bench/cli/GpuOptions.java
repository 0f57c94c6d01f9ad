package dev.lorikeet.bench.cli;

import dev.lorikeet.bench.gpu.PartSettings;
import dev.lorikeet.bench.gpu.Size;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/// What `gpu` and its parts are told alike.
final class GpuOptions {
    @Option(names = "--device", paramLabel = "NAME", defaultValue = "cuda:0",
            description = "What is measured (${DEFAULT-VALUE}).")
    private String device;

    @Option(names = "--modes", paramLabel = "MODE", split = ",", defaultValue = "f32,tf32,bf16",
            description = "What products round their inputs to (${DEFAULT-VALUE}).")
    private List<String> modes;

    @Option(names = "--size", paramLabel = "SIZE", defaultValue = "full",
            description = "tiny (to see that everything works), quick or full (${DEFAULT-VALUE}).")
    private Size size;

    @Option(names = "--fixtures", paramLabel = "FOLDER", defaultValue = "models/src/test/resources/fixtures",
            description = "The folder of golden cases (${DEFAULT-VALUE}).")
    private Path fixtures;

    @Option(names = "--peer", paramLabel = "FOLDER", defaultValue = "bench/gpu/peer",
            description = "The folder of the peers' scripts (${DEFAULT-VALUE}).")
    private Path peer;

    @Option(names = "--python", paramLabel = "PROGRAM", defaultValue = "python3",
            description = "The Python that peers run in (${DEFAULT-VALUE}).")
    private String python;

    PartSettings settings(boolean quick) {
        return new PartSettings(device, quick ? Size.QUICK : size, modes, fixtures.toAbsolutePath(),
                peer.toAbsolutePath(), python);
    }
}
