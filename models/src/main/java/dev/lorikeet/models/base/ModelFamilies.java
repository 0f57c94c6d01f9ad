package dev.lorikeet.models.base;

import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.models.ConfigException;
import dev.lorikeet.models.ConfigJson;
import dev.lorikeet.models.ModelConfig;
import dev.lorikeet.models.ModelFamily;
import dev.lorikeet.models.gpt2.Gpt2Family;
import dev.lorikeet.models.roberta.RobertaFamily;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// The families that are built. Adding one is its package and a line here.
public final class ModelFamilies {
    /// A file without `model_type` is of the first: OpenAI's own had none.
    private static final List<ModelFamily> ALL = List.of(
            new Gpt2Family(),
            new RobertaFamily());

    private ModelFamilies() {}

    /// `model_type` of each.
    public static List<String> names() {
        return ALL.stream().map(ModelFamily::modelType).toList();
    }

    /// The family of that `model_type`.
    public static Optional<ModelFamily> named(String modelType) {
        return ALL.stream().filter(family -> family.modelType().equals(modelType)).findFirst();
    }

    /// Names of the sizes that come with the program.
    public static Set<String> published() {
        return ALL.stream().flatMap(family -> family.published().stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /// A size that was published with its paper.
    ///
    /// @param name one of [#published()]
    public static ModelConfig published(String name) {
        return ALL.stream().filter(family -> family.published().contains(name)).findFirst().orElseThrow()
                .published(name);
    }

    /// Reads a Hugging Face `config.json`.
    ///
    /// @throws ConfigException if the file cannot be used
    public static ModelConfig read(Path file) {
        ConfigJson json = ConfigJson.read(file);
        ModelFamily family = json.modelType().isEmpty() ? ALL.getFirst() : named(json.modelType()).orElseThrow(() ->
                new ConfigException(file, "model_type is '%s'".formatted(json.modelType()),
                        "expected " + String.join(" or ", names())));
        return family.read(json);
    }

    /// An adapter of a format that does not say what it belongs to, with what the adapters of the family say to which
    /// its names point; itself if it does say, or if no family knows it.
    public static StoredAdapter describe(StoredAdapter adapter) {
        return adapter.about().taskType() != null ? adapter
                : ALL.stream().flatMap(family -> family.describe(adapter).stream()).findFirst().orElse(adapter);
    }
}
