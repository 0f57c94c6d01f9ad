package dev.lorikeet.models.gpt2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.Targets;
import dev.lorikeet.models.Architecture;
import dev.lorikeet.models.ConfigException;
import dev.lorikeet.models.ConfigJson;
import dev.lorikeet.models.FreshModel;
import dev.lorikeet.models.LanguageModel;
import dev.lorikeet.models.ModelConfig;
import dev.lorikeet.nn.Initializer;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.UnaryFunction;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/// The numbers of a GPT-2 model, as `config.json` names them.
///
/// @param vocabSize          `vocab_size`
/// @param nPositions         `n_positions`: the longest sequence
/// @param nEmbd              `n_embd`: width C
/// @param nLayer             `n_layer`: number of blocks
/// @param nHead              `n_head`: attention heads
/// @param nInner             `n_inner`: width of the MLP, 4C where the file has null
/// @param activation         `activation_function`
/// @param layerNormEpsilon   `layer_norm_epsilon`
/// @param initializerRange   `initializer_range`: deviation of fresh weights
/// @param embdPdrop          `embd_pdrop`
/// @param attnPdrop          `attn_pdrop`
/// @param residPdrop         `resid_pdrop`
/// @param scaleAttnWeights   `scale_attn_weights`: divide scores by √(C/heads)
/// @param scaleByLayer       `scale_attn_by_inverse_layer_idx`: divide the scores of block i by i + 1
/// @param tieWordEmbeddings  `tie_word_embeddings`: the head is the token embedding
/// @param eosTokenId         `eos_token_id`, −1 where the file has none
public record Gpt2Config(
        int vocabSize,
        int nPositions,
        int nEmbd,
        int nLayer,
        int nHead,
        int nInner,
        UnaryFunction activation,
        double layerNormEpsilon,
        double initializerRange,
        double embdPdrop,
        double attnPdrop,
        double residPdrop,
        boolean scaleAttnWeights,
        boolean scaleByLayer,
        boolean tieWordEmbeddings,
        int eosTokenId) implements ModelConfig {
    public Gpt2Config {
        check("vocab_size", vocabSize);
        check("n_positions", nPositions);
        check("n_embd", nEmbd);
        check("n_layer", nLayer);
        check("n_head", nHead);
        check("n_inner", nInner);
        if (nEmbd % nHead != 0) {
            throw new IllegalArgumentException(
                    "n_embd must be a multiple of n_head, were %d and %d".formatted(nEmbd, nHead));
        }
        if (!(layerNormEpsilon > 0) || !(initializerRange >= 0)) {
            throw new IllegalArgumentException(
                    "layer_norm_epsilon must be > 0 and initializer_range >= 0, were %s and %s".formatted(
                            layerNormEpsilon, initializerRange));
        }
    }

    private static void check(String key, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(key + " must be >= 1, was " + value);
        }
    }

    /// A new model to pretrain: GPT-2's activation and layer norm, an MLP four times as wide, no dropout.
    public static Gpt2Config fresh(FreshModel size) {
        return new Gpt2Config(
                size.vocabSize(), size.longest(), size.width(), size.layers(), size.heads(), 4 * size.width(),
                UnaryFunction.GELU_TANH, 1e-5, 0.02, 0, 0, 0, true, false, true, size.endOfText());
    }

    /// Reads a Hugging Face `config.json`.
    ///
    /// @throws ConfigException if it is missing, is no GPT-2 configuration, or asks for an activation that is unknown
    public static Gpt2Config read(Path file) {
        return of(ConfigJson.read(file));
    }

    /// One of the sizes that OpenAI published.
    ///
    /// @param name one of [Gpt2Family#published()]
    public static Gpt2Config published(String name) {
        return of(ConfigJson.resource(Gpt2Config.class, name + ".json"));
    }

    /// The configuration that a file holds.
    ///
    /// @throws ConfigException if it cannot be used
    public static Gpt2Config of(ConfigJson json) {
        json.requireModelType(Gpt2Family.MODEL_TYPE);
        int nEmbd = json.integer("n_embd", 768);
        try {
            return new Gpt2Config(
                    json.integer("vocab_size", 50257),
                    json.integer("n_positions", json.integer("n_ctx", 1024)),
                    nEmbd,
                    json.integer("n_layer", 12),
                    json.integer("n_head", 12),
                    json.integer("n_inner", Math.multiplyExact(4, nEmbd)),
                    json.activation("activation_function", "gelu_new"),
                    json.number("layer_norm_epsilon", 1e-5),
                    json.number("initializer_range", 0.02),
                    json.probability("embd_pdrop", 0.1),
                    json.probability("attn_pdrop", 0.1),
                    json.probability("resid_pdrop", 0.1),
                    json.flag("scale_attn_weights", true),
                    json.flag("scale_attn_by_inverse_layer_idx", false),
                    json.flag("tie_word_embeddings", true),
                    json.integer("eos_token_id", -1));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new ConfigException(json.file(), e.getMessage(), "correct the value");
        }
    }

    /// For embeddings, attention and residuals alike.
    @Override
    public Gpt2Config withDropout(double p) {
        return new Gpt2Config(
                vocabSize, nPositions, nEmbd, nLayer, nHead, nInner, activation, layerNormEpsilon, initializerRange,
                p, p, p, scaleAttnWeights, scaleByLayer, tieWordEmbeddings, eosTokenId);
    }

    /// Heads of block `layer`, whose scores are divided by `√(C/heads)`, and by `layer + 1` where the file says so.
    AttentionSpec attention(int layer) {
        double scale = scaleAttnWeights ? 1 / Math.sqrt((double) nEmbd / nHead) : 1;
        return new AttentionSpec(nHead, scaleByLayer ? scale / (layer + 1) : scale, true);
    }

    /// Projections that are added to the residual start smaller, so that the sum of 2L of them keeps its variance
    /// (Radford et al. 2019, §2.3).
    Initializer residualInitializer() {
        return Initializer.normal(initializerRange / Math.sqrt(2.0 * nLayer));
    }

    @Override
    public String backbone() {
        return "transformer.";
    }

    @Override
    public int layers() {
        return nLayer;
    }

    @Override
    public String layerPrefix(int index) {
        return "h." + index + ".";
    }

    @Override
    public Gpt2Config with(Collection<StoredAdapter> adapters) {
        return this;
    }

    /// A head of its own has to be read as one.
    @Override
    public void describe(ObjectNode json, Set<String> replaced) {
        if (replaced.contains("lm_head.weight")) {
            json.put("tie_word_embeddings", false);
        }
    }

    @Override
    public Targets paperTargets() {
        return Targets.parse("c_attn[q,v]");
    }

    @Override
    public String dimensions() {
        return "%d blocks, width %d, %d heads, context %d, vocabulary %d, %s".formatted(
                nLayer, nEmbd, nHead, nPositions, vocabSize, activation);
    }

    @Override
    public int maxPositions() {
        return nPositions;
    }

    @Override
    public Architecture<Gpt2> architecture() {
        return new Architecture<>((weights, projections) -> new Gpt2(this, weights, projections));
    }

    @Override
    public Optional<Architecture<? extends LanguageModel>> languageModel() {
        return Optional.of(architecture());
    }

    @Override
    public String modelType() {
        return Gpt2Family.MODEL_TYPE;
    }

    @Override
    public JsonNode toJson() {
        return ConfigJson.object()
                .put("model_type", modelType())
                .put("vocab_size", vocabSize)
                .put("n_positions", nPositions)
                .put("n_ctx", nPositions)
                .put("n_embd", nEmbd)
                .put("n_layer", nLayer)
                .put("n_head", nHead)
                .put("n_inner", nInner)
                .put("activation_function", ConfigJson.name(activation))
                .put("layer_norm_epsilon", layerNormEpsilon)
                .put("initializer_range", initializerRange)
                .put("embd_pdrop", embdPdrop)
                .put("attn_pdrop", attnPdrop)
                .put("resid_pdrop", residPdrop)
                .put("scale_attn_weights", scaleAttnWeights)
                .put("scale_attn_by_inverse_layer_idx", scaleByLayer)
                .put("tie_word_embeddings", tieWordEmbeddings)
                .put("bos_token_id", eosTokenId)
                .put("eos_token_id", eosTokenId)
                .set("architectures", ConfigJson.strings("GPT2LMHeadModel"));
    }
}
