package dev.lorikeet.models.verify.reference;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/// Makes an adapter of random numbers for a base model, as PEFT 0.18 would save it: the keys of its configuration, the
/// modules that it would wrap, the names and the copies of its state dict (`get_peft_model_state_dict`).
final class NewAdapter {
    private static final String PREFIX = PeftReference.PREFIX;
    private static final String NULLS = "alora_invocation_tokens arrow_config auto_mapping corda_config eva_config "
            + "exclude_modules layer_replication layers_pattern layers_to_transform megatron_config modules_to_save "
            + "revision target_parameters task_type trainable_token_indices";

    private final ReferenceBase base;
    private final ObjectNode config = new ObjectMapper().createObjectNode();
    private final PeftRules rules = new PeftRules(config);
    private final Map<String, TensorFile.Entry> tensors = new LinkedHashMap<>();
    private final Random random;

    /// @param options what differs from PEFT's defaults; `target_modules` at least
    NewAdapter(ReferenceBase base, String options, long seed) {
        this.base = base;
        this.random = new Random(seed);
        boolean gpt2 = base.conv1d();
        defaults();
        try {
            config.setAll((ObjectNode) new ObjectMapper().readTree(options.replace('\'', '"')));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (config.get("target_modules").asText().equals("all-linear")) {
            expandAllLinear();
        }
        config.put("fan_in_fan_out", gpt2 && base.weights().keySet().stream().anyMatch(this::isTargetProjection));
        base.weights().keySet().forEach(this::add);
        if (rules.isSaved("lm_head.weight") && gpt2) {
            put(PREFIX + "lm_head.weight", near("transformer.wte.weight"), base.shapes().get("transformer.wte.weight"));
        }
        if (rules.isSaved("lm_head.decoder.weight") && !gpt2) {
            String words = "roberta.embeddings.word_embeddings.weight";
            put(PREFIX + "lm_head.decoder.weight", near(words), base.shapes().get(words));
        }
    }

    PeftRules rules() {
        return rules;
    }

    private void defaults() {
        for (String key : NULLS.split(" ")) {
            config.putNull(key);
        }
        boolean classifier = base.weights().containsKey("classifier.dense.weight");
        config.put("base_model_name_or_path", "base").put("bias", "none").put("ensure_weight_tying", false)
                .put("inference_mode", true).put("init_lora_weights", true).put("lora_alpha", 8)
                .put("lora_bias", false).put("lora_dropout", 0.0).put("megatron_core", "megatron.core")
                .put("peft_type", "LORA").put("peft_version", "0.18.1").put("qalora_group_size", 16).put("r", 8)
                .put("use_dora", false).put("use_qalora", false).put("use_rslora", false);
        config.putObject("alpha_pattern");
        config.putObject("rank_pattern");
        config.putObject("loftq_config");
        if (base.conv1d()) {
            config.put("task_type", "CAUSAL_LM");
        } else if (classifier) {
            config.put("task_type", "SEQ_CLS").putArray("modules_to_save").add("classifier").add("score");
        } else {
            config.putObject("auto_mapping").put("base_model_class", "RobertaForMaskedLM")
                    .put("parent_library", "transformers.models.roberta.modeling_roberta");
        }
    }

    /// `_maybe_include_all_linear_layers` replaces the words by the names of the modules.
    private void expandAllLinear() {
        ArrayNode names = config.putArray("target_modules");
        base.shapes().forEach((name, shape) -> {
            if (shape.length == 2 && !isTable(name)) {
                names.add(module(name));
            }
        });
    }

    /// Whether LoRA goes into the module of the weight called `name`.
    boolean isTarget(String name) {
        int[] shape = base.shapes().get(name);
        return name.endsWith(".weight") && shape != null && shape.length == 2 && rules.isTarget(module(name));
    }

    private boolean isTargetProjection(String name) {
        return isTarget(name) && !isTable(name);
    }

    private static boolean isTable(String name) {
        return name.matches(".*(wte|wpe|_embeddings)\\.weight");
    }

    static String module(String name) {
        return name.substring(0, name.lastIndexOf('.'));
    }

    private void add(String name) {
        String module = module(name);
        if (isTarget(name)) {
            update(name);
        } else if (rules.isSaved(name)) {
            saved(name);
        } else if (rules.bias().equals("all") && name.endsWith(".bias")) {
            boolean wrapped = isTarget(module + ".weight");
            put(PREFIX + module + (wrapped ? ".base_layer.bias" : ".bias"), near(name), base.shapes().get(name));
            repeat(name);
        }
    }

    private void update(String name) {
        String key = PREFIX + module(name);
        int r = rules.rank(module(name));
        Matrix weight = base.weights().get(name);
        boolean inOut = base.conv1d() || isTable(name);
        int in = inOut ? weight.rows() : weight.cols();
        int out = inOut ? weight.cols() : weight.rows();
        double[] a = normal(r * in, 0.3);
        double[] b = normal(out * r, 0.15);
        put(key + (isTable(name) ? ".lora_embedding_A" : ".lora_A.weight"), a, r, in);
        put(key + (isTable(name) ? ".lora_embedding_B" : ".lora_B.weight"), b, out, r);
        if (rules.is("lora_bias")) {
            put(key + ".lora_B.bias", normal(out, 0.1), out);
        }
        if (rules.is("use_dora")) {
            double[] magnitude = normal(out, 0.2);
            for (int o = 0; o < out; o++) {
                double squares = 0;
                for (int i = 0; i < in; i++) {
                    double w = inOut ? weight.at(i, o) : weight.at(o, i);
                    squares += w * w;
                }
                magnitude[o] = (float) (Math.sqrt(squares) * (1 + magnitude[o]));
            }
            put(key + ".lora_magnitude_vector", magnitude, out);
        }
    }

    private void saved(String name) {
        double[] values = near(name);
        int[] shape = base.shapes().get(name);
        put(PREFIX + name, values, shape);
        if (rules.bias().equals("all") && name.endsWith(".bias")) {
            String wrapped = wrapped(name);
            String inside = name.substring(wrapped.length());
            // the adapter's name is taken away where it is the last component but one
            String adapter = inside.equals(".bias") ? "" : ".default";
            put(PREFIX + wrapped + ".modules_to_save" + adapter + inside, values, shape);
            put(PREFIX + wrapped + ".original_module" + inside, base.weights().get(name).v(), shape);
        }
        repeat(name);
    }

    /// The module that is wrapped with the parameter called `name` in it: the outermost one that is meant.
    private String wrapped(String name) {
        String found = null;
        for (String module = module(name); ; module = module(module)) {
            found = rules.isSaved(module + ".x") ? module : found;
            if (module.indexOf('.') < 0) {
                return found;
            }
        }
    }

    /// The masked-LM decoder has the head's bias as its own.
    private void repeat(String name) {
        if (name.equals("lm_head.bias")) {
            TensorFile.Entry entry = tensors.get(PREFIX + name);
            put(PREFIX + "lm_head.decoder.bias", entry.values(), entry.shape());
        }
    }

    private void put(String name, double[] values, int... shape) {
        tensors.put(name, TensorFile.Entry.floats(name, values, shape));
    }

    private double[] near(String name) {
        double[] values = base.weights().get(name).v();
        double[] noise = normal(values.length, 0.05);
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (float) (values[i] + noise[i]);
        }
        return noise;
    }

    private double[] normal(int count, double deviation) {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return values;
    }

    void write(Path directory) {
        TensorFile.write(directory.resolve("adapter_model.safetensors"), tensors.values());
        try {
            Files.writeString(directory.resolve("adapter_config.json"), config.toPrettyString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
