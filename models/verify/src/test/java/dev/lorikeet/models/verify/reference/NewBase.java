package dev.lorikeet.models.verify.reference;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Makes a base model of any size, of random weights, as transformers would save it.
final class NewBase {
    private final ObjectNode config = new ObjectMapper().createObjectNode();
    private final List<TensorFile.Entry> weights = new ArrayList<>();
    private final Random random;

    private NewBase(long seed) {
        random = new Random(seed);
    }

    static void gpt2(Path directory, int width, int heads, int layers, int inner, int vocabulary, int positions) {
        NewBase made = new NewBase(width);
        made.config.put("model_type", "gpt2").put("n_embd", width).put("n_head", heads).put("n_layer", layers)
                .put("n_inner", inner).put("vocab_size", vocabulary).put("n_positions", positions)
                .put("layer_norm_epsilon", 1e-5).put("activation_function", "gelu_new").put("attn_pdrop", 0.0)
                .put("embd_pdrop", 0.0).put("resid_pdrop", 0.0).putArray("architectures").add("GPT2LMHeadModel");
        made.table("transformer.wte", vocabulary, width);
        made.table("transformer.wpe", positions, width);
        for (int i = 0; i < layers; i++) {
            String h = "transformer.h." + i + ".";
            made.norm(h + "ln_1", width);
            made.conv1d(h + "attn.c_attn", width, 3 * width);
            made.conv1d(h + "attn.c_proj", width, width);
            made.norm(h + "ln_2", width);
            made.conv1d(h + "mlp.c_fc", width, inner);
            made.conv1d(h + "mlp.c_proj", inner, width);
        }
        made.norm("transformer.ln_f", width);
        made.write(directory);
    }

    /// @param labels of a classifier, or 0 for the masked-LM head
    static void roberta(
            Path directory, int width, int heads, int layers, int inner, int vocabulary, int positions, int labels) {
        NewBase made = new NewBase(width + labels);
        made.config.put("model_type", "roberta").put("hidden_size", width).put("num_attention_heads", heads)
                .put("num_hidden_layers", layers).put("intermediate_size", inner).put("vocab_size", vocabulary)
                .put("max_position_embeddings", positions).put("type_vocab_size", 1).put("pad_token_id", 1)
                .put("layer_norm_eps", 1e-5).put("hidden_act", "gelu").put("hidden_dropout_prob", 0.0)
                .put("attention_probs_dropout_prob", 0.0).putNull("classifier_dropout")
                .putArray("architectures")
                .add(labels > 0 ? "RobertaForSequenceClassification" : "RobertaForMaskedLM");
        if (labels > 0 && labels != 2) {                    // 2 is transformers' default, which it does not write
            made.labels(labels);
        }
        String e = "roberta.embeddings.";
        made.table(e + "word_embeddings", vocabulary, width);
        made.table(e + "position_embeddings", positions, width);
        made.table(e + "token_type_embeddings", 1, width);
        made.norm(e + "LayerNorm", width);
        for (int i = 0; i < layers; i++) {
            String layer = "roberta.encoder.layer." + i + ".";
            for (String part : List.of("query", "key", "value")) {
                made.linear(layer + "attention.self." + part, width, width);
            }
            made.linear(layer + "attention.output.dense", width, width);
            made.norm(layer + "attention.output.LayerNorm", width);
            made.linear(layer + "intermediate.dense", width, inner);
            made.linear(layer + "output.dense", inner, width);
            made.norm(layer + "output.LayerNorm", width);
        }
        if (labels > 0) {
            made.linear("classifier.dense", width, width);
            made.linear("classifier.out_proj", width, labels);
        } else {
            made.linear("lm_head.dense", width, width);
            made.norm("lm_head.layer_norm", width);
            made.add("lm_head.bias", 0, 0.2, vocabulary);
        }
        made.write(directory);
    }

    private void labels(int count) {
        ObjectNode names = config.putObject("id2label");
        for (int i = 0; i < count; i++) {
            names.put("" + i, "LABEL_" + i);
        }
    }

    private void table(String path, int rows, int cols) {
        add(path + ".weight", 0, 0.5, rows, cols);
    }

    private void norm(String path, int width) {
        add(path + ".weight", 1, 0.2, width);
        add(path + ".bias", 0, 0.2, width);
    }

    private void conv1d(String path, int in, int out) {
        add(path + ".weight", 0, 1 / Math.sqrt(in), in, out);
        add(path + ".bias", 0, 0.2, out);
    }

    private void linear(String path, int in, int out) {
        add(path + ".weight", 0, 1 / Math.sqrt(in), out, in);
        add(path + ".bias", 0, 0.2, out);
    }

    private void add(String name, double mean, double deviation, int... shape) {
        double[] values = new double[shape.length == 1 ? shape[0] : shape[0] * shape[1]];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (mean + deviation * random.nextGaussian());
        }
        weights.add(TensorFile.Entry.floats(name, values, shape));
    }

    private void write(Path directory) {
        TensorFile.write(directory.resolve("model.safetensors"), weights);
        try {
            Files.writeString(directory.resolve("config.json"), config.toPrettyString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
