package dev.lorikeet.models.roberta;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.models.ConfigException;
import dev.lorikeet.models.ConfigJson;
import java.util.List;
import java.util.Set;

/// RoBERTa's `config.json`: reading, writing, and what a merge changes in it.
final class RobertaJson {
    private RobertaJson() {}

    /// The configuration that a file holds.
    ///
    /// @throws ConfigException if it cannot be used
    static RobertaConfig read(ConfigJson json) {
        json.requireModelType(RobertaFamily.MODEL_TYPE);
        json.requireText("position_embedding_type", "absolute");
        json.requireFlag("is_decoder", false);
        json.requireFlag("add_cross_attention", false);
        List<String> labels = labels(json);
        double hiddenDropout = json.probability("hidden_dropout_prob", 0.1);
        try {
            return new RobertaConfig(
                    json.integer("vocab_size", 50265),
                    json.integer("max_position_embeddings", 512),
                    json.integer("hidden_size", 768),
                    json.integer("num_hidden_layers", 12),
                    json.integer("num_attention_heads", 12),
                    json.integer("intermediate_size", 3072),
                    json.activation("hidden_act", "gelu"),
                    json.number("layer_norm_eps", 1e-12),
                    json.number("initializer_range", 0.02),
                    hiddenDropout,
                    json.probability("attention_probs_dropout_prob", 0.1),
                    json.probability("classifier_dropout", hiddenDropout),
                    json.integer("type_vocab_size", 2),
                    json.integer("pad_token_id", 1),
                    json.flag("tie_word_embeddings", true),
                    json.texts("architectures").contains("RobertaForSequenceClassification")
                            ? RobertaConfig.Head.CLASSIFICATION
                            : RobertaConfig.Head.MASKED_LM,
                    labels);
        } catch (IllegalArgumentException e) {
            throw e instanceof ConfigException ? e : new ConfigException(json.file(), e.getMessage(),
                    "correct the value");
        }
    }

    /// The classes, which have to go with `problem_type` where the file has one.
    private static List<String> labels(ConfigJson json) {
        List<String> labels = json.labels();
        String built = labels.size() == 1 ? "regression" : "single_label_classification";
        if (!json.text("problem_type", built).equals(built)) {
            throw new ConfigException(
                    json.file(), "problem_type is '%s' with %d labels".formatted(
                            json.text("problem_type", ""), labels.size()),
                    "built are regression with 1 label and single_label_classification with more");
        }
        return labels;
    }

    /// Changes a base's file so that it describes `config` with some weights replaced.
    static void describe(RobertaConfig config, ObjectNode json, Set<String> replaced) {
        if (replaced.stream().anyMatch(path -> path.startsWith("classifier."))) {
            names(config.labels(), json);
            json.remove(List.of("num_labels", "problem_type"));
            json.set("architectures", ConfigJson.strings("RobertaForSequenceClassification"));
        }
        if (replaced.contains("lm_head.decoder.weight")) {
            json.put("tie_word_embeddings", false);
        }
    }

    /// What the file should contain so that Hugging Face's model reads it.
    static ObjectNode write(RobertaConfig config) {
        ObjectNode json = ConfigJson.object()
                .put("model_type", config.modelType())
                .put("vocab_size", config.vocabSize())
                .put("max_position_embeddings", config.maxPositionEmbeddings())
                .put("hidden_size", config.hiddenSize())
                .put("num_hidden_layers", config.layers())
                .put("num_attention_heads", config.heads())
                .put("intermediate_size", config.intermediateSize())
                .put("hidden_act", ConfigJson.name(config.activation()))
                .put("layer_norm_eps", config.layerNormEps())
                .put("initializer_range", config.initializerRange())
                .put("hidden_dropout_prob", config.hiddenDropout())
                .put("attention_probs_dropout_prob", config.attentionDropout())
                .put("classifier_dropout", config.classifierDropout())
                .put("type_vocab_size", config.typeVocabSize())
                .put("pad_token_id", config.padTokenId())
                .put("bos_token_id", 0)
                .put("eos_token_id", 2)
                .put("tie_word_embeddings", config.tieWordEmbeddings());
        boolean classifies = config.head() == RobertaConfig.Head.CLASSIFICATION;
        json.set("architectures", ConfigJson.strings(
                classifies ? "RobertaForSequenceClassification" : "RobertaForMaskedLM"));
        if (classifies) {
            names(config.labels(), json);
        }
        return json;
    }

    private static void names(List<String> labels, ObjectNode json) {
        ObjectNode names = json.putObject("id2label");
        ObjectNode numbers = json.putObject("label2id");
        for (int i = 0; i < labels.size(); i++) {
            names.put(Integer.toString(i), labels.get(i));
            numbers.put(labels.get(i), i);
        }
    }
}
