package dev.lorikeet.models.verify.reference;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/// A base model's weights with a PEFT adapter on them, in double precision. Everything trainable has the key that PEFT
/// gives it in its file.
final class PeftReference implements Parameters {
    static final String PREFIX = "base_model.model.";

    private final boolean conv1d;
    private final Map<String, Matrix> base;
    private final PeftRules rules;
    private final Map<String, Matrix> trained = new LinkedHashMap<>();

    /// @param tensors what `adapter_model.safetensors` holds
    PeftReference(boolean conv1d, Map<String, Matrix> base, JsonNode config, Map<String, Matrix> tensors) {
        this.conv1d = conv1d;
        this.base = base;
        this.rules = new PeftRules(config);
        tensors.forEach((key, tensor) -> {
            boolean copy = key.contains(".original_module.") || key.contains(".modules_to_save.")
                    || key.endsWith("lm_head.decoder.bias");
            if (!copy) {
                trained.put(key, tensor.copy());
            }
        });
        if (rules.bias().equals("lora_only")) {
            base.forEach((path, weight) -> {
                String module = module(path);
                if (path.endsWith(".bias") && rules.isTarget(module)) {
                    trained.put(PREFIX + module + ".base_layer.bias", weight.copy());
                }
            });
        }
    }

    private static String module(String path) {
        return path.substring(0, path.lastIndexOf('.'));
    }

    @Override
    public Map<String, Matrix> trained() {
        return trained;
    }

    @Override
    public Modules on(Graph graph) {
        return new Wrapped(graph);
    }

    PeftRules rules() {
        return rules;
    }

    /// The modules with `forward` as `lora.Linear`, `lora.Embedding`, `DoraLinearLayer` and `DoraEmbeddingLayer` have
    /// it.
    private final class Wrapped extends Modules {
        Wrapped(Graph graph) {
            super(graph, conv1d);
        }

        @Override
        Matrix parameter(String path) {
            Matrix own = trained.get(PREFIX + path);
            Matrix inside = path.endsWith(".bias") ? trained.get(PREFIX + module(path) + ".base_layer.bias") : null;
            return own != null ? own : inside != null ? inside : base.get(path);
        }

        @Override
        Matrix tied(String path, String other) {
            return trained.containsKey(PREFIX + path) ? trained.get(PREFIX + path) : base.get(other);
        }

        @Override
        Matrix linear(String path, Matrix x) {
            Matrix a = trained.get(PREFIX + path + ".lora_A.weight");
            if (a == null) {
                return super.linear(path, x);
            }
            Graph graph = graph();
            Matrix b = trained.get(PREFIX + path + ".lora_B.weight");
            Matrix low = graph.productT(graph.productT(x, a), b);
            Matrix outputBias = trained.get(PREFIX + path + ".lora_B.bias");
            low = outputBias == null ? low : graph.plusRow(low, outputBias);
            low = graph.scaled(low, rules.scaling(path));
            Matrix weight = outIn(path);
            Matrix direction = graph.plus(graph.productT(x, weight), low);
            Matrix magnitude = trained.get(PREFIX + path + ".lora_magnitude_vector");
            if (magnitude != null) {
                Matrix ratio = graph.times(magnitude, inverseNorms(weight, a, b, rules.scaling(path)));
                direction = graph.timesRow(direction, ratio);
            }
            return graph.plusRow(direction, parameter(path + ".bias"));
        }

        @Override
        Matrix lookup(String path, int[] ids, int padding) {
            Matrix y = super.lookup(path, ids, padding);
            Matrix a = trained.get(PREFIX + path + ".lora_embedding_A");
            if (a == null) {
                return y;
            }
            Graph graph = graph();
            Matrix b = trained.get(PREFIX + path + ".lora_embedding_B");
            Matrix low = graph.productT(graph.rows(graph.transposed(a), ids, padding), b);
            y = graph.plus(y, graph.scaled(low, rules.scaling(path)));
            Matrix magnitude = trained.get(PREFIX + path + ".lora_magnitude_vector");
            if (magnitude == null) {
                return y;
            }
            Matrix columns = new Graph().transposed(base.get(path + ".weight"));
            return graph.timesRow(y, graph.times(magnitude, inverseNorms(columns, a, b, rules.scaling(path))));
        }
    }

    /// `1/‖W + s·B·A‖` of each output, W as `(out, in)`; a constant for the gradient.
    private static double[] inverseNorms(Matrix weight, Matrix a, Matrix b, double s) {
        double[] inverse = new double[weight.rows()];
        for (int o = 0; o < weight.rows(); o++) {
            double squares = 0;
            for (int i = 0; i < weight.cols(); i++) {
                double sum = weight.at(o, i) + s * product(b, o, a, i);
                squares += sum * sum;
            }
            inverse[o] = 1 / Math.sqrt(squares);
        }
        return inverse;
    }

    private static double product(Matrix b, int o, Matrix a, int i) {
        double sum = 0;
        for (int k = 0; k < a.rows(); k++) {
            sum += b.at(o, k) * a.at(k, i);
        }
        return sum;
    }

    /// What `merge_and_unload` leaves: every base parameter that it changes, by its name in the base.
    @Override
    public Map<String, Matrix> merged() {
        Map<String, Matrix> merged = new LinkedHashMap<>();
        trained.forEach((key, tensor) -> {
            String path = key.substring(PREFIX.length());
            if (path.contains(".lora_A") || path.contains(".lora_embedding_A")) {
                mergeModule(path.substring(0, path.lastIndexOf(".lora_")), merged);
            } else if (!path.contains(".lora_")) {
                merged.put(path.replace(".base_layer.", "."), tensor);
            }
        });
        // a table that is replaced as a whole is a copy: the head that is tied to it keeps the base's
        Map.of("lm_head.weight", "transformer.wte.weight",
                "lm_head.decoder.weight", "roberta.embeddings.word_embeddings.weight").forEach((head, table) -> {
                    if (trained.containsKey(PREFIX + table)) {
                        merged.putIfAbsent(head, base.get(table));
                    }
                });
        trained.forEach((key, c) -> {
            if (key.endsWith(".lora_B.bias")) {
                String path = key.substring(PREFIX.length()).replace(".lora_B.bias", "");
                Matrix bias = merged.getOrDefault(path + ".bias", base.get(path + ".bias")).copy();
                for (int i = 0; i < bias.v().length; i++) {
                    bias.v()[i] += rules.scaling(path) * c.v()[i];
                }
                merged.put(path + ".bias", bias);
            }
        });
        return merged;
    }

    private void mergeModule(String path, Map<String, Matrix> merged) {
        boolean table = trained.containsKey(PREFIX + path + ".lora_embedding_A");
        Matrix a = trained.get(PREFIX + path + (table ? ".lora_embedding_A" : ".lora_A.weight"));
        Matrix b = trained.get(PREFIX + path + (table ? ".lora_embedding_B" : ".lora_B.weight"));
        Matrix magnitude = trained.get(PREFIX + path + ".lora_magnitude_vector");
        boolean inOut = table || conv1d;
        Matrix weight = base.get(path + ".weight");
        Matrix outIn = inOut ? new Graph().transposed(weight) : weight;
        double s = rules.scaling(path);
        double[] inverse = magnitude == null ? null : inverseNorms(outIn, a, b, s);
        Matrix sum = Matrix.zeros(weight.rows(), weight.cols());
        for (int o = 0; o < outIn.rows(); o++) {
            for (int i = 0; i < outIn.cols(); i++) {
                double value = outIn.at(o, i) + s * product(b, o, a, i);
                double factor = magnitude == null ? 1 : magnitude.v()[o] * inverse[o];
                sum.v()[inOut ? i * sum.cols() + o : o * sum.cols() + i] = factor * value;
            }
        }
        merged.put(path + ".weight", sum);
    }
}
