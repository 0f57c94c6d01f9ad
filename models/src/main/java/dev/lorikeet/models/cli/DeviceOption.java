package dev.lorikeet.models.cli;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import picocli.CommandLine.Option;

/// `--device`.
final class DeviceOption {
    @Option(
            names = "--device",
            paramLabel = "NAME",
            defaultValue = "auto",
            description = "Where to compute: auto, cpu, cpu:N (N threads), cuda:N (NVIDIA GPU N; cuda:N:tf32 and "
                    + "cuda:N:bf16 round the inputs of products), scalar (slow reference). Default: "
                    + "${DEFAULT-VALUE}.")
    private String device;

    Backend open() {
        return Backends.open(device);
    }
}
