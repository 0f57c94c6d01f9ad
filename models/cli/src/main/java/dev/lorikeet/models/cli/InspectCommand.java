package dev.lorikeet.models.cli;

import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraDelta;
import dev.lorikeet.lora.io.AdapterFiles;
import dev.lorikeet.models.ModelConfig;
import dev.lorikeet.models.base.ModelFamilies;
import dev.lorikeet.models.hub.ModelPath;
import dev.lorikeet.models.method.Lora;
import dev.lorikeet.nn.Initializer;
import dev.lorikeet.nn.WeightSource;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.DryRunBackend;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.io.Checkpoint;
import dev.lorikeet.tensor.io.TensorInfo;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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
            "  lorikeet inspect roberta-base --labels 3 --rank 8 --summary",
            "  lorikeet inspect my-gpt2/config.json --targets all-linear --rank 8 --alpha 16",
            "  lorikeet inspect run/adapter",
            "  lorikeet inspect gpt2 --adapter run/adapter --attention 'Aromi is a pub' --layer 3",
            "  lorikeet inspect --rank 2 --targets c_attn --graph step.svg"
        })
final class InspectCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "PATH",
            description = "Model directory, config.json, adapter, the name of one that lorikeet pull has fetched, or "
                    + "a published size: ${COMPLETION-CANDIDATES}.", completionCandidates = PublishedSizes.class)
    private String path;

    @Option(names = "--summary", description = "Only the totals, in one line.")
    private boolean summary;

    @Option(names = "--labels", paramLabel = "N",
            description = "Put a new classification head of N classes (1: regression) on an encoder, trained whole.")
    private Integer labels;

    @Mixin
    private LoraOptions lora;

    @Mixin
    private AdapterOption adapter;

    @Mixin
    private InsideOptions inside;

    private PrintWriter out;

    /// For the help text.
    static final class PublishedSizes implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return ModelFamilies.published().iterator();
        }
    }

    @Override
    public Integer call() {
        out = spec.commandLine().getOut();
        inside.check();
        Optional<Path> found = path == null ? Optional.of(new BaseOption().directory()) : ModelPath.find(Path.of(path));
        if (inside.isChosen()) {
            inside.show(found.orElseGet(() -> ModelPath.resolve(Path.of(path))), lora, adapter, out);
        } else if (found.isEmpty() && ModelFamilies.published().contains(path)) {
            base(path, ModelFamilies.published(path));
        } else {
            show(found.orElseGet(() -> ModelPath.resolve(Path.of(path))));
        }
        out.flush();
        return 0;
    }

    private void show(Path given) {
        if (SavedAdapter.isOne(given)) {
            out.print(AdapterFiles.open(given, adapter.loralib()).describe());
        } else {
            boolean directory = Files.isDirectory(given);
            base(given.toString(), ModelFamilies.read(directory ? given.resolve("config.json") : given));
            if (directory && !summary) {
                files(given);
            }
        }
    }

    /// Counts on a device without memory: the model is built as for training, but nothing is allocated or read.
    private void base(String name, ModelConfig found) {
        ModelConfig config = labels == null ? found : withHead(found);
        WeightStore store = new WeightStore(new DryRunBackend(), source(config), DType.F32);
        LoraConfig added = lora.config(
                config, labels == null ? List.of() : List.of(config.classification().orElseThrow().head()));
        LoraAdapter adapter = Lora.of(added).apply(store, config.architecture(), 0)
                .adapted().orElseThrow().adapters().getFirst();
        long base = store.all().stream().mapToLong(weight -> weight.value().size()).sum();
        long whole = adapter.saved().values().stream().mapToLong(weight -> weight.value().size()).sum();
        long trainable = adapter.parameterCount();
        if (!summary) {
            tree(store, adapter);
        }
        out.printf(
                Locale.ROOT, "%s: %,d parameters, %,d trainable with rank %d on %s (%.4f%%)%s%n", name, base,
                trainable, added.rank(), added.targets(), 100.0 * trainable / base,
                whole == 0 ? "" : String.format(
                        Locale.ROOT, ": %,d in updates, %,d in whole modules", trainable - whole, whole));
        if (!summary) {
            out.println(config.dimensions());
        }
    }

    private ModelConfig withHead(ModelConfig config) {
        if (labels < 1) {
            throw new ParameterException(spec.commandLine(), "--labels must be at least 1, was " + labels);
        }
        List<String> names = IntStream.range(0, labels).mapToObj(i -> "LABEL_" + i).toList();
        return config.classification(names).orElseThrow(() -> new ParameterException(spec.commandLine(),
                "--labels: a %s model has no classification head".formatted(config.modelType()))).config();
    }

    /// A new head is no part of the base.
    private WeightSource source(ModelConfig config) {
        WeightSource random = WeightSource.random(0);
        return labels == null ? random : new WeightSource() {
            @Override
            public boolean has(String weight) {
                return weight.startsWith(config.backbone());
            }

            @Override
            public Tensor load(Backend backend, String weight, Shape shape, Initializer initializer) {
                return random.load(backend, weight, shape, initializer);
            }
        };
    }

    private void tree(WeightStore store, LoraAdapter adapter) {
        store.all().forEach(weight -> {
            out.printf("  %-64s %s%n", weight.name(), weight.shape());
            adapter.deltas().stream()
                    .filter(delta -> weight.name().equals(delta.path() + ".weight"))
                    .forEach(this::delta);
        });
        adapter.saved().forEach((weight, value) ->
                out.printf("  %-64s %s  trained as a whole%n", weight, value.shape()));
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
