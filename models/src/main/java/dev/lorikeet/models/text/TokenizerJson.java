package dev.lorikeet.models.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Reads a `tokenizer.json` of Hugging Face's `tokenizers` that describes a byte-level BPE as GPT-2's and RoBERTa's do.
/// Any setting that would give other ids is refused, not ignored. The post-processor is not used: it only adds special
/// tokens, which is the caller's business here.
final class TokenizerJson {
    private TokenizerJson() {
    }

    static BytePairModel.Parts read(Path file) {
        JsonNode root = BytePairFiles.json(file);
        JsonNode model = root.path("model");
        String type = model.path("type").asText("BPE");
        require(file, model.isObject(), "a BPE model with vocab and merges", "no model");
        require(file, type.equals("BPE"), "a BPE model with vocab and merges", "a model of type " + type);
        require(file, model.has("vocab") && model.has("merges"), "a BPE model with vocab and merges",
                "one without " + (model.has("vocab") ? "merges" : "vocab"));
        requirePlainModel(file, model);
        require(file, root.path("normalizer").isNull() || root.path("normalizer").isMissingNode(), "no normalizer",
                root.path("normalizer").toString());
        JsonNode words = root.path("pre_tokenizer");
        require(file, words.path("type").asText().equals("ByteLevel") && words.path("use_regex").asBoolean(true),
                "the pre-tokenizer ByteLevel with its own regular expression", words.toString());
        return new BytePairModel.Parts(file, BytePairFiles.vocabulary(file, model.get("vocab")),
                merges(file, model.get("merges")), added(file, root.path("added_tokens")),
                model.path("unk_token").asText(null), words.path("add_prefix_space").asBoolean(false));
    }

    private static void requirePlainModel(Path file, JsonNode model) {
        require(file, model.path("dropout").asDouble(0) == 0, "no BPE dropout", model.path("dropout").toString());
        for (String name : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
            require(file, model.path(name).asText("").isEmpty() || model.path(name).isNull(), "an empty " + name,
                    model.path(name).toString());
        }
        for (String name : List.of("fuse_unk", "byte_fallback", "ignore_merges")) {
            require(file, !model.path(name).asBoolean(false), name + " false", "true");
        }
    }

    /// Merges are `"left right"` in older files, `["left", "right"]` in newer ones.
    private static List<BytePairModel.Merge> merges(Path file, JsonNode node) {
        var merges = new ArrayList<BytePairModel.Merge>(node.size());
        for (JsonNode merge : node) {
            String where = "merge " + merges.size();
            if (merge.isArray() && merge.size() == 2) {
                merges.add(new BytePairModel.Merge(merge.get(0).asText(), merge.get(1).asText(), where));
            } else {
                merges.add(BytePairFiles.merge(file, merge.isTextual() ? merge.asText() : merge.toString(), where));
            }
        }
        return merges;
    }

    private static List<AddedToken> added(Path file, JsonNode node) {
        var tokens = new ArrayList<AddedToken>();
        for (JsonNode token : node) {
            tokens.add(BytePairFiles.addedToken(file, token.path("id").asInt(-1), token));
        }
        return tokens;
    }

    private static void require(Path file, boolean holds, String expected, String found) {
        if (!holds) {
            throw new TokenizerException(file, "expected %s, found %s; only byte-level BPE as in GPT-2 and RoBERTa is"
                    .formatted(expected, found) + " supported");
        }
    }
}
