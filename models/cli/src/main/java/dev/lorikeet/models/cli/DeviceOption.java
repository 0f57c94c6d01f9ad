package dev.lorikeet.models.cli;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `--device`.
final class DeviceOption {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--device",
            paramLabel = "NAME",
            defaultValue = "auto",
            description = "Where to compute: auto, cpu, cpu:N (N threads), cuda:N (NVIDIA GPU N; cuda:N:tf32 and "
                    + "cuda:N:bf16 round the inputs of products, cuda:N:nographs launches kernels one by one), scalar "
                    + "(slow reference). Default: ${DEFAULT-VALUE}.")
    private String device;

    /// Opens the device. A choice that could not be the best says why, beside what the command has to say.
    ///
    /// @throws dev.lorikeet.tensor.BackendUnavailable if it cannot run here
    Backend open() {
        Backends.Choice choice = Backends.choose(device);
        if (!choice.refusals().isEmpty()) {
            PrintWriter aside = command.commandLine().getErr();
            aside.println("device " + choice.explanation());
            aside.flush();
        }
        return choice.backend();
    }
}
