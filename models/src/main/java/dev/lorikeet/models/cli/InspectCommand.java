package dev.lorikeet.models.cli;

import dev.lorikeet.lora.AdaptedModel;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraDelta;
import dev.lorikeet.lora.io.AdapterFiles;
import dev.lorikeet.lora.io.LoralibOptions;
import dev.lorikeet.models.gpt2.Gpt2;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.nn.WeightSource;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.DryRunBackend;
import dev.lorikeet.tensor.io.Checkpoint;
import dev.lorikeet.tensor.io.TensorInfo;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `lorikeet inspect`: what is in a model or an adapter, and what an adapter would add.
@Command(
        name = "inspect",
        description = "Print module tree, shapes, parameters and file details of a base model or an adapter. A "
                + "config.json is "
                + "enough: no weight is read to count.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  lorikeet inspect                                        the embedded base",
            "  lorikeet inspect gpt2-medium --rank 4                   a published size, by name",
            "  lorikeet inspect my-gpt2/config.json --targets all-linear --rank 8 --alpha 16",
            "  lorikeet inspect run/adapter"
        })
final class InspectCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "PATH",
            description = "Model directory, config.json, adapter, or one of gpt2, gpt2-medium, gpt2-large, gpt2-xl.")
    private String path;

    @Option(names = "--summary", description = "Only the totals, in one line.")
    private boolean summary;

    @Mixin
    private LoraOptions lora;

    @Option(names = "--adapter-alpha", paramLabel = "ALPHA",
            description = "lora_alpha of a loralib checkpoint, which does not store it.")
    private Double alpha;

    private PrintWriter out;

    @Override
    public Integer call() {
        out = spec.commandLine().getOut();
        Path given = path == null ? new BaseOption().directory() : Path.of(path);
        if (path != null && Gpt2Config.PUBLISHED.contains(path) && !Files.exists(given)) {
            base(path, Gpt2Config.published(path));
        } else if (SavedAdapter.isOne(given)) {
            out.print(AdapterFiles.open(given, new LoralibOptions(alpha, null, List.of())).describe());
        } else {
            boolean directory = Files.isDirectory(given);
            base(given.toString(), Gpt2Config.read(directory ? given.resolve("config.json") : given));
            if (directory && !summary) {
                files(given);
            }
        }
        out.flush();
        return 0;
    }

    /// Counts on a device without memory: the model is built as for training, but nothing is allocated or read.
    private void base(String name, Gpt2Config config) {
        WeightStore store = new WeightStore(new DryRunBackend(), WeightSource.random(0), DType.F32);
        LoraAdapter adapter = LoraAdapter.fresh(lora.config(), store, 0);
        AdaptedModel.build(
                store, List.of(adapter), (weights, projections) -> new Gpt2(config, weights, projections));
        long base = store.all().stream().mapToLong(weight -> weight.value().size()).sum();
        long trainable = adapter.parameterCount();
        if (!summary) {
            store.all().forEach(weight -> {
                out.printf("  %-44s %s%n", weight.name(), weight.shape());
                adapter.deltas().stream()
                        .filter(delta -> weight.name().equals(delta.path() + ".weight"))
                        .forEach(this::delta);
            });
        }
        out.printf(
                Locale.ROOT, "%s: %,d parameters, %,d trainable with %s (%.4f%%)%n", name, base, trainable, lora,
                100.0 * trainable / base);
        if (!summary) {
            out.printf("%d blocks, width %d, %d heads, context %d, vocabulary %d, %s%n", config.nLayer(),
                    config.nEmbd(),
                    config.nHead(), config.nPositions(), config.vocabSize(), config.activation());
        }
    }

    private void delta(LoraDelta delta) {
        out.printf(
                Locale.ROOT, "    + A %s  B %s  scaling %.6g%n", delta.a().shape(), delta.b().shape(), delta.scale());
    }

    private void files(Path directory) {
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            long bytes = 0;
            for (TensorInfo info : checkpoint.infos()) {
                bytes += info.end() - info.begin();
            }
            out.printf(
                    Locale.ROOT, "%s: %d tensors, %,d bytes, %s%n", checkpoint.path(), checkpoint.names().size(), bytes,
                    checkpoint.infos().stream().map(TensorInfo::dtype).distinct().toList());
        }
    }
}
