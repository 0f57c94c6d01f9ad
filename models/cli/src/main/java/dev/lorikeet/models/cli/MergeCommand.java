package dev.lorikeet.models.cli;

import dev.lorikeet.lora.Merge;
import dev.lorikeet.lora.MergeOptions;
import dev.lorikeet.lora.MergedWeights;
import dev.lorikeet.models.ModelConfig;
import dev.lorikeet.models.base.Attached;
import dev.lorikeet.models.base.BaseModel;
import dev.lorikeet.models.base.MergedDirectory;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `lorikeet merge`: a base and its adapters as one plain model directory.
@Command(
        name = "merge",
        description = "Add adapters into the base's weights and write a complete model directory. Prints what "
                + "rounding took away "
                + "from each update and refuses to lose too much of it.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  lorikeet merge --base gpt2 --adapter run/adapter --out gpt2-e2e"})
final class MergeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private BaseOption base;

    @Mixin
    private AdapterOption adapter;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Directory to write.")
    private Path out;

    @Option(names = "--dtype", paramLabel = "TYPE",
            description = "Type of the merged weights: F32, BF16 or F16. Default: what the base has.")
    private DType dtype;

    @Option(names = "--max-loss", paramLabel = "SHARE",
            description = "Largest share of an update that rounding may take away; 1 allows everything. Default: 0.1.")
    private Double maxLoss;

    @Mixin
    private DeviceOption device;

    @Override
    public Integer call() throws IOException {
        if (!adapter.isGiven()) {
            throw new ParameterException(spec.commandLine(), "merge needs --adapter PATH");
        }
        MergeOptions options = MergeOptions.defaults();
        options = new MergeOptions(dtype, maxLoss == null ? options.maxLoss() : maxLoss);
        try (Backend backend = device.open(); BaseModel model = base.open(backend)) {
            if (Files.exists(out) && Files.isSameFile(out, model.directory())) {
                throw new ParameterException(
                        spec.commandLine(), "--out %s is the base itself; give another directory".formatted(out));
            }
            merge(model, adapter.read(), options);
        }
        return 0;
    }

    private void merge(BaseModel model, List<Attached.Named> adapters, MergeOptions options) {
        ModelConfig config = model.config().with(adapters.stream().map(Attached.Named::stored).toList());
        try (Attached<?> attached = Attached.of(model, config.architecture(), adapters);
                MergedWeights merged = Merge.of(attached.adapted(), model.store(), options)) {
            MergedDirectory.write(out, model, config, merged.weights());
            spec.commandLine().getOut().println(merged.report());
            spec.commandLine().getOut().println(out + ": " + merged.report().summary());
        }
    }
}
