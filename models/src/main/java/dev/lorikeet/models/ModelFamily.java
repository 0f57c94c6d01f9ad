package dev.lorikeet.models;

import dev.lorikeet.lora.StoredAdapter;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Models of one architecture in all its sizes: how its files are recognised and its configurations come about. A new
/// family is a package of its own and a line in [the list of them][dev.lorikeet.models.base.ModelFamilies].
public interface ModelFamily {
    /// `model_type` of its `config.json`.
    String modelType();

    /// Names of the sizes that come with the program.
    Set<String> published();

    /// A size that was published with its paper.
    ///
    /// @param name one of [#published()]
    ModelConfig published(String name);

    /// The configuration that a file holds.
    ///
    /// @throws ConfigException if it cannot be used
    ModelConfig read(ConfigJson json);

    /// The configuration of a new model to pretrain.
    ModelConfig fresh(FreshModel size);

    /// Special tokens of a vocabulary that is learned for a new model, in the order of their ids.
    List<String> specialTokens();

    /// An adapter of a format that does not say what it belongs to, with what this family's adapters say, if the names
    /// of its weights are this family's.
    Optional<StoredAdapter> describe(StoredAdapter adapter);
}
