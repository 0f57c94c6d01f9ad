package dev.lorikeet.models.text;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.tensor.io.AtomicFile;
import java.nio.file.Path;
import java.util.List;

/// A byte-pair vocabulary as [BytePairTraining] learns it.
///
/// @param special tokens with a name of their own, also the first of `tokens`
/// @param tokens  all tokens in the order of their ids, bytes as visible characters
/// @param merges  pairs of tokens, lowest rank first
public record BytePairVocabulary(List<String> special, List<String> tokens, List<Merge> merges) {
    /// RoBERTa's special tokens in its order; `<mask>`, which its vocabulary has at the end, is here the fifth.
    public static final List<String> ROBERTA = List.of("<s>", "<pad>", "</s>", "<unk>", "<mask>");

    /// GPT-2's only special token.
    public static final List<String> GPT2 = List.of(Tokenizer.END_OF_TEXT);

    /// Two tokens that become one.
    ///
    /// @param left  the first
    /// @param right the second
    public record Merge(String left, String right) {}

    public BytePairVocabulary {
        special = List.copyOf(special);
        tokens = List.copyOf(tokens);
        merges = List.copyOf(merges);
    }

    /// Writes `tokenizer.json` in the format of Hugging Face's `tokenizers`. With RoBERTa's special tokens a text is
    /// given as `<s> A </s>`, a pair as `<s> A </s></s> B </s>`.
    public void write(Path directory) {
        JsonNodeFactory json = JsonNodeFactory.instance;
        ObjectNode root = json.objectNode().put("version", "1.0");
        root.putNull("truncation").putNull("padding");
        var added = root.putArray("added_tokens");
        special.forEach(token -> added.addObject().put("id", tokens.indexOf(token)).put("content", token)
                .put("single_word", false).put("lstrip", token.equals("<mask>")).put("rstrip", false)
                .put("normalized", false).put("special", true));
        root.putNull("normalizer");
        root.putObject("pre_tokenizer").put("type", "ByteLevel").put("add_prefix_space", false)
                .put("trim_offsets", true).put("use_regex", true);
        if (special.contains("</s>")) {
            ObjectNode processor = root.putObject("post_processor").put("type", "RobertaProcessing");
            processor.putArray("sep").add("</s>").add(tokens.indexOf("</s>"));
            processor.putArray("cls").add("<s>").add(tokens.indexOf("<s>"));
            processor.put("trim_offsets", true).put("add_prefix_space", false);
        } else {
            root.putNull("post_processor");
        }
        root.putObject("decoder").put("type", "ByteLevel").put("add_prefix_space", true).put("trim_offsets", true)
                .put("use_regex", true);
        root.set("model", model(json));
        AtomicFile.write(directory.resolve("tokenizer.json"), root.toPrettyString() + "\n");
    }

    private ObjectNode model(JsonNodeFactory json) {
        ObjectNode model = json.objectNode().put("type", "BPE");
        model.putNull("dropout").putNull("unk_token").putNull("continuing_subword_prefix")
                .putNull("end_of_word_suffix");
        model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
        ObjectNode vocabulary = model.putObject("vocab");
        for (int id = 0; id < tokens.size(); id++) {
            vocabulary.put(tokens.get(id), id);
        }
        var list = model.putArray("merges");
        merges.forEach(merge -> list.addArray().add(merge.left()).add(merge.right()));
        return model;
    }
}
