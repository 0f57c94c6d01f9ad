package dev.lorikeet.models.roberta;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.StoredTensor;
import dev.lorikeet.lora.Targets;
import dev.lorikeet.models.Architecture;
import dev.lorikeet.models.Classification;
import dev.lorikeet.models.ConfigJson;
import dev.lorikeet.models.Encoder;
import dev.lorikeet.models.FreshModel;
import dev.lorikeet.models.ModelConfig;
import dev.lorikeet.models.TokenPredictor;
import dev.lorikeet.tensor.UnaryFunction;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// What a Hugging Face RoBERTa's `config.json` says, under the file's names; defaults are those of transformers'
/// `RobertaConfig`.
///
/// @param vocabSize             `vocab_size`: tokens
/// @param maxPositionEmbeddings `max_position_embeddings`: rows of the position table, of which texts use those from
///                              `pad_token_id + 1` on
/// @param hiddenSize            `hidden_size`: width C
/// @param layers                `num_hidden_layers`
/// @param heads                 `num_attention_heads`
/// @param intermediateSize      `intermediate_size`: width of the MLP
/// @param activation            `hidden_act`
/// @param layerNormEps          `layer_norm_eps`
/// @param initializerRange      `initializer_range`: deviation of fresh weights
/// @param hiddenDropout         `hidden_dropout_prob`
/// @param attentionDropout      `attention_probs_dropout_prob`
/// @param classifierDropout     `classifier_dropout`, `hidden_dropout_prob` where the file has null
/// @param typeVocabSize         `type_vocab_size`: rows of the token type table, of which only row 0 is used
/// @param padTokenId            `pad_token_id`
/// @param tieWordEmbeddings     `tie_word_embeddings`: the masked-LM decoder is the token embedding
/// @param head                  from `architectures`: what the checkpoint has on top
/// @param labels                names of the classes, from `id2label`; one class means regression
public record RobertaConfig(
        int vocabSize,
        int maxPositionEmbeddings,
        int hiddenSize,
        int layers,
        int heads,
        int intermediateSize,
        UnaryFunction activation,
        double layerNormEps,
        double initializerRange,
        double hiddenDropout,
        double attentionDropout,
        double classifierDropout,
        int typeVocabSize,
        int padTokenId,
        boolean tieWordEmbeddings,
        Head head,
        List<String> labels) implements ModelConfig {
    /// What stands on the encoder.
    public enum Head {
        /// Predicts hidden tokens, as in pretraining.
        MASKED_LM,
        /// Gives each text a score per class, or a number.
        CLASSIFICATION
    }

    /// What is trained as a whole with a classification head. PEFT lists both names for every model; it has the first.
    public static final List<String> HEADS = List.of("classifier", "score");

    public RobertaConfig {
        check("vocab_size", vocabSize);
        check("max_position_embeddings", maxPositionEmbeddings);
        check("hidden_size", hiddenSize);
        check("num_hidden_layers", layers);
        check("num_attention_heads", heads);
        check("intermediate_size", intermediateSize);
        check("type_vocab_size", typeVocabSize);
        if (hiddenSize % heads != 0) {
            throw new IllegalArgumentException(
                    "hidden_size must be a multiple of num_attention_heads, were %d and %d".formatted(
                            hiddenSize, heads));
        }
        if (padTokenId < 0 || padTokenId >= vocabSize || padTokenId + 1 >= maxPositionEmbeddings) {
            throw new IllegalArgumentException(
                    "pad_token_id must be below vocab_size and leave rows of max_position_embeddings, was "
                            + padTokenId);
        }
        if (!(layerNormEps > 0) || !(initializerRange >= 0)) {
            throw new IllegalArgumentException(
                    "layer_norm_eps must be > 0 and initializer_range >= 0, were %s and %s".formatted(
                            layerNormEps, initializerRange));
        }
        labels = List.copyOf(labels);
        check("num_labels", labels.size());
    }

    private static void check(String key, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(key + " must be >= 1, was " + value);
        }
    }

    /// A new model to pretrain: RoBERTa's layer norm, activation, dropout and padding token, an MLP four times as wide.
    public static RobertaConfig fresh(FreshModel size) {
        int padding = 1;
        return new RobertaConfig(
                size.vocabSize(), size.longest() + padding + 1, size.width(), size.layers(), size.heads(),
                4 * size.width(), UnaryFunction.GELU_ERF, 1e-5, 0.02, 0.1, 0.1, 0.1, 1, padding, true, Head.MASKED_LM,
                List.of("LABEL_0", "LABEL_1"));
    }

    /// Reads a Hugging Face `config.json`.
    ///
    /// @throws ConfigException if it is missing, is no RoBERTa configuration, or asks for something that is not built
    public static RobertaConfig read(Path file) {
        return of(ConfigJson.read(file));
    }

    /// One of the sizes of Liu et al. 2019.
    ///
    /// @param name one of [RobertaFamily#published()]
    public static RobertaConfig published(String name) {
        return of(ConfigJson.resource(RobertaConfig.class, name + ".json"));
    }

    /// The configuration that a file holds.
    ///
    /// @throws ConfigException if it cannot be used
    public static RobertaConfig of(ConfigJson json) {
        return RobertaJson.read(json);
    }

    /// With a classification head of as many classes as the adapters' `classifier.out_proj` has rows.
    @Override
    public RobertaConfig with(Collection<StoredAdapter> adapters) {
        RobertaConfig config = this;
        for (StoredAdapter adapter : adapters) {
            StoredTensor head = adapter.saved().get("classifier.out_proj.weight");
            config = head == null ? config : config.withLabels(head.shape().dim(0));
        }
        return config;
    }

    @Override
    public void describe(ObjectNode json, Set<String> replaced) {
        RobertaJson.describe(this, json, replaced);
    }

    @Override
    public JsonNode toJson() {
        return RobertaJson.write(this);
    }

    /// The longest text: rows of the position table behind the padding row.
    @Override
    public int maxPositions() {
        return maxPositionEmbeddings - padTokenId - 1;
    }

    @Override
    public Targets paperTargets() {
        return Targets.parse("query,value");
    }

    @Override
    public String dimensions() {
        return "%d blocks, width %d, %d heads, context %d, vocabulary %d, %s, %s".formatted(
                layers, hiddenSize, heads, maxPositions(), vocabSize, activation,
                head == Head.MASKED_LM ? "masked-LM head" : labels.size() == 1 ? "regression" : labels.size()
                        + " classes");
    }

    @Override
    public String backbone() {
        return "roberta.";
    }

    @Override
    public String layerPrefix(int index) {
        return "encoder.layer." + index + ".";
    }

    @Override
    public Architecture<?> architecture() {
        return head == Head.CLASSIFICATION ? classifier() : maskedLm();
    }

    @Override
    public String modelType() {
        return RobertaFamily.MODEL_TYPE;
    }

    @Override
    public Optional<Architecture<? extends TokenPredictor>> maskedLanguageModel() {
        return Optional.of(maskedLm());
    }

    @Override
    public Optional<Architecture<? extends Encoder>> encoder() {
        return Optional.of(new Architecture<>((weights, projections) ->
                new RobertaModel(this, weights.at("roberta"), projections, null)));
    }

    @Override
    public Optional<Classification> classification() {
        return head == Head.CLASSIFICATION
                ? Optional.of(new Classification(this, labels.size(), HEADS.getFirst(), classifier()))
                : Optional.empty();
    }

    @Override
    public Optional<Classification> classification(List<String> names) {
        return withLabels(names).classification();
    }

    /// The encoder with a classification head.
    public Architecture<RobertaClassifier> classifier() {
        return new Architecture<>((weights, projections) -> new RobertaClassifier(this, weights, projections));
    }

    /// The encoder with the masked-LM head.
    public Architecture<RobertaMaskedLm> maskedLm() {
        return new Architecture<>((weights, projections) -> new RobertaMaskedLm(this, weights, projections));
    }

    /// This configuration with a classification head for these classes; one class means regression.
    public RobertaConfig withLabels(List<String> names) {
        return new RobertaConfig(
                vocabSize, maxPositionEmbeddings, hiddenSize, layers, heads, intermediateSize, activation,
                layerNormEps, initializerRange, hiddenDropout, attentionDropout, classifierDropout, typeVocabSize,
                padTokenId, tieWordEmbeddings, Head.CLASSIFICATION, names);
    }

    /// [#withLabels(List)] with the names that transformers gives to unnamed classes; the configuration itself if it
    /// has as many.
    public RobertaConfig withLabels(int count) {
        return head == Head.CLASSIFICATION && labels.size() == count
                ? this
                : withLabels(IntStream.range(0, count).mapToObj(i -> "LABEL_" + i).toList());
    }

    /// For embeddings, attention, residuals and head alike.
    @Override
    public RobertaConfig withDropout(double p) {
        return new RobertaConfig(
                vocabSize, maxPositionEmbeddings, hiddenSize, layers, heads, intermediateSize, activation,
                layerNormEps, initializerRange, p, p, p, typeVocabSize, padTokenId, tieWordEmbeddings, head, labels);
    }
}
