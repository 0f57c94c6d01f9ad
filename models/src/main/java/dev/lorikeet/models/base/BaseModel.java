package dev.lorikeet.models.base;

import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.lora.AdaptedModel;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.StoredTensor;
import dev.lorikeet.models.Architecture;
import dev.lorikeet.models.ConfigException;
import dev.lorikeet.models.ModelConfig;
import dev.lorikeet.models.text.Tokenizer;
import dev.lorikeet.models.text.Tokenizers;
import dev.lorikeet.nn.BaseDType;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.WeightOverrides;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.nn.Weights;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.io.Checkpoint;
import dev.lorikeet.tensor.io.FormatException;
import dev.lorikeet.tensor.io.TensorInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// A base model's directory, opened once: its configuration, its frozen weights (mapped, loaded on demand) and its
/// tokenizer. Any number of models, each with other adapters, can be built over it.
public final class BaseModel implements AutoCloseable {
    private final Path directory;
    private final ModelConfig config;
    private final Checkpoint checkpoint;
    private final CheckpointSource source;
    private final WeightStore store;

    private BaseModel(Path directory, ModelConfig config, Checkpoint checkpoint, CheckpointSource source,
            WeightStore store) {
        this.directory = directory;
        this.config = config;
        this.checkpoint = checkpoint;
        this.source = source;
        this.store = store;
    }

    /// Opens a Hugging Face directory.
    ///
    /// @throws ConfigException                         if its `config.json` cannot be used
    /// @throws dev.lorikeet.tensor.io.FormatException if its weights cannot be read
    public static BaseModel open(Backend backend, Path directory) {
        return open(backend, directory, DType.F32);
    }

    /// As [#open(Backend, Path)], computing in `compute`.
    public static BaseModel open(Backend backend, Path directory, DType compute) {
        return open(backend, directory, compute, BaseDType.STORED);
    }

    /// The same with the matrices kept as `type` in memory.
    public static BaseModel open(Backend backend, Path directory, DType compute, BaseDType type) {
        ModelConfig config = ModelFamilies.read(directory.resolve("config.json"));
        Checkpoint checkpoint = Checkpoint.open(directory);
        requireNoMoreLayers(directory, config, checkpoint);
        CheckpointSource source = new CheckpointSource(checkpoint, config.backbone());
        return new BaseModel(
                directory, config, checkpoint, source, new WeightStore(backend, source, compute, type));
    }

    /// A model that leaves layers of its checkpoint out computes something, but not what it was trained for.
    private static void requireNoMoreLayers(Path directory, ModelConfig config, Checkpoint checkpoint) {
        String next = config.layerPrefix(config.layers());
        checkpoint.names().stream()
                .filter(name -> name.startsWith(next) || name.startsWith(config.backbone() + next))
                .findFirst()
                .ifPresent(name -> {
                    throw new ConfigException(directory.resolve("config.json"),
                            "says %d layers, but %s has one more: %s".formatted(
                                    config.layers(), checkpoint.path(), name),
                            "give the config.json that belongs to this checkpoint");
                });
    }

    public Path directory() {
        return directory;
    }

    public ModelConfig config() {
        return config;
    }

    /// What this base can be, where a model of some kind is needed.
    ///
    /// @param capability such as [ModelConfig#languageModel]
    /// @param does       what such a model does, `predict the next token`
    /// @throws ConfigException if this is a model of a family that does not
    public <T> T capable(Function<ModelConfig, Optional<T>> capability, String does) {
        return capability.apply(config).orElseThrow(() -> new ConfigException(directory.resolve("config.json"),
                "is of a %s model, which does not %s".formatted(config.modelType(), does),
                "give a model that does"));
    }

    public WeightStore store() {
        return store;
    }

    /// The files that hold the weights.
    public Checkpoint checkpoint() {
        return checkpoint;
    }

    /// What the files call the weight at `path` of the model.
    public String nameInFile(String path) {
        return source.nameInFile(path);
    }

    /// The tokenizer of the directory.
    ///
    /// @throws ConfigException if it has more tokens than the model has embeddings
    public Tokenizer tokenizer() {
        Tokenizer tokenizer = Tokenizers.open(directory);
        if (tokenizer.vocabularySize() > config.vocabSize()) {
            throw new ConfigException(directory.resolve("config.json"),
                    "vocab_size is %d, but the tokenizer beside it (%s) has %d tokens".formatted(
                            config.vocabSize(), tokenizer.name(), tokenizer.vocabularySize()),
                    "give the tokenizer that belongs to this model");
        }
        return tokenizer;
    }

    /// Looks for weights that make every result NaN: what to blame when one is.
    ///
    /// @throws FormatException if a weight that was loaded has an element that is NaN or infinite
    public void requireFinite() {
        for (Frozen weight : store.all()) {
            String name = nameInFile(weight.name());
            if (checkpoint.names().contains(name) && checkpoint.info(name).dtype().isFloating()) {
                TensorInfo info = checkpoint.info(name);
                long at = new StoredTensor(info.dtype(), info.shape(), checkpoint.bytes(name)).firstNonFinite();
                if (at >= 0) {
                    throw new FormatException(checkpoint.path(), name, "finite numbers",
                            "NaN or infinity as element " + at, "The file is damaged or its training had diverged.");
                }
            }
        }
    }

    /// The frozen model.
    public <M> M model(Architecture<M> architecture) {
        return model(architecture, WeightOverrides.none(), Projections.plain());
    }

    /// A model over these weights with overrides and adapters.
    public <M> M model(Architecture<M> architecture, WeightOverrides overrides, Projections projections) {
        return architecture.build(Weights.of(store, overrides), projections);
    }

    /// A model over these weights with adapters active in it.
    ///
    /// @param architecture of this base's configuration, perhaps with other dropout or another head
    /// @throws dev.lorikeet.lora.AdapterMismatch if an adapter does not fit
    public <M> AdaptedModel<M> adapted(Architecture<M> architecture, List<LoraAdapter> adapters) {
        return AdaptedModel.build(store, adapters, architecture::build);
    }

    @Override
    public void close() {
        checkpoint.close();
    }
}
