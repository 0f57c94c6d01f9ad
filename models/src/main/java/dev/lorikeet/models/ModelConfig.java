package dev.lorikeet.models;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.Targets;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a `config.json` says: enough to build a model of its family, with each head that the family has. What a family
/// cannot do, its configuration answers with nothing.
public interface ModelConfig {
    /// What the names of the weights begin with that all heads of the family share, such as `transformer.`. Files made
    /// from the bare model leave it out.
    String backbone();

    /// Number of Transformer layers.
    int layers();

    /// What the names of layer `index`'s weights begin with after the backbone's prefix, such as `h.0.`.
    String layerPrefix(int index);

    /// The model with the head that the file names.
    Architecture<?> architecture();

    /// The model that predicts the next token; empty for a family that has none.
    default Optional<Architecture<? extends LanguageModel>> languageModel() {
        return Optional.empty();
    }

    /// The classifier that this configuration describes; empty if its head is another.
    default Optional<Classification> classification() {
        return Optional.empty();
    }

    /// A classifier with a head for other classes; empty for a family that has none.
    ///
    /// @param labels names of the classes; one class means a number
    default Optional<Classification> classification(List<String> labels) {
        return Optional.empty();
    }

    /// This configuration with one dropout probability everywhere.
    ModelConfig withDropout(double p);

    /// This configuration with the head that adapters bring; itself if they bring none.
    ModelConfig with(Collection<StoredAdapter> adapters);

    /// Changes what a `config.json` says so that it describes this model with some weights replaced.
    ///
    /// @param json     the base's configuration
    /// @param replaced paths of the weights
    void describe(ObjectNode json, Set<String> replaced);

    /// The projections that the paper updates.
    Targets paperTargets();

    /// The extents in one line.
    String dimensions();

    /// What `config.json` should contain so that Hugging Face's model of the family reads it.
    JsonNode toJson();

    /// The longest sequence.
    int maxPositions();

    /// Size of the vocabulary.
    int vocabSize();

    /// `model_type` of the family.
    String modelType();

    /// The model that predicts hidden tokens; empty for a family that has none.
    default Optional<Architecture<? extends TokenPredictor>> maskedLanguageModel() {
        return Optional.empty();
    }

    /// The model without a head; empty for a family whose rows do not see the whole sequence.
    default Optional<Architecture<? extends Encoder>> encoder() {
        return Optional.empty();
    }
}
