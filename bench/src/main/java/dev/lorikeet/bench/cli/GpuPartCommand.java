package dev.lorikeet.bench.cli;

import dev.lorikeet.bench.gpu.Measurements;
import dev.lorikeet.bench.gpu.Rows;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `gpu-part`: one part of the suite, in this process.
@Command(name = "gpu-part", hidden = true, description = "One part of the suite for a GPU, in this process.")
final class GpuPartCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private GpuOptions options;

    @Parameters(paramLabel = "PART", description = "Its name.")
    private String name;

    @Override
    public Integer call() throws Exception {
        Measurements.run(name, options.settings(false), new Rows(spec.commandLine().getOut()));
        return 0;
    }
}
