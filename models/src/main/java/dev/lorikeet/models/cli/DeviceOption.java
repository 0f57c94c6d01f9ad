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
            description = "Where to compute: auto, cpu, cpu:N (N threads), scalar (slow reference). Default: "
                    + "${DEFAULT-VALUE}.")
    private String device;

    Backend open() {
        return Backends.open(device);
    }
}
