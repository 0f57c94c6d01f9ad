package dev.lorikeet.models.verify.reference;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Writes a case as the golden ones are written: inputs, expected numbers rounded to F32, and a manifest that says what
/// each of them is and how far off it may be.
final class CaseWriter {
    private static final double ALMOST_ZERO = 1e-4;

    private final Path directory;
    private final ReferenceBase base;
    private final PaddedBatch batch;
    private final ObjectNode manifest = new ObjectMapper().createObjectNode();
    private final ArrayNode tensors;
    private final ObjectNode files;

    private CaseWriter(Path directory, ReferenceBase base, PaddedBatch batch, String kind) {
        this.directory = directory;
        this.base = base;
        this.batch = batch;
        manifest.put("case", directory.getFileName().toString()).put("kind", kind);
        files = manifest.putObject("files");
        tensors = manifest.putArray("tensors");
    }

    private static String family(ReferenceBase base) {
        return base.config().get("model_type").asText();
    }

    /// A case of the base itself, in its own directory.
    static void base(Path directory, PaddedBatch batch) {
        ReferenceBase base = ReferenceBase.read(directory);
        CaseWriter writer = new CaseWriter(directory, base, batch, family(base) + "-base");
        writer.files.put("config.json", "").put("model.safetensors", "");
        writer.write(Expectations.of(base, batch));
    }

    /// A case of an adapter on the base in the sibling directory `baseName`.
    static void adapter(Path directory, String baseName, String options, PaddedBatch batch) {
        ReferenceBase base = ReferenceBase.read(directory.resolveSibling(baseName));
        NewAdapter adapter = new NewAdapter(base, options, directory.getFileName().toString().hashCode());
        adapter.write(directory.resolve("adapter"));
        PeftReference reference = base.with(directory.resolve("adapter"));
        CaseWriter writer = new CaseWriter(directory, base, batch, family(base) + "-peft");
        writer.files.put("adapter/adapter_config.json", "").put("adapter/adapter_model.safetensors", "");
        writer.manifest.put("base_model", baseName);
        writer.describe(adapter, reference);
        writer.write(Expectations.of(base, reference, batch));
    }

    private void describe(NewAdapter adapter, PeftReference reference) {
        ObjectNode modules = manifest.putObject("lora_modules");
        ArrayNode unsaved = manifest.putArray("trained_but_not_saved_by_peft");
        base.weights().keySet().stream().filter(adapter::isTarget).map(NewAdapter::module).forEach(path -> {
            modules.putObject(path).put("r", adapter.rules().rank(path)).put("lora_alpha", adapter.rules().alpha(path))
                    .put("scaling", adapter.rules().scaling(path));
            if (adapter.rules().bias().equals("lora_only") && base.weights().containsKey(path + ".bias")) {
                unsaved.add(PeftReference.PREFIX + path + ".base_layer.bias");
            }
        });
        ObjectNode parameters = manifest.putObject("trainable_parameters");
        reference.trained().forEach((key, p) -> parameters.set(key, new ObjectMapper().valueToTree(shape(key, p))));
        manifest.put("trainable_count", reference.trained().values().stream().mapToInt(p -> p.v().length).sum());
    }

    private static int[] shape(String key, Matrix p) {
        boolean vector = key.endsWith("bias") || key.endsWith("lora_magnitude_vector");
        return vector || key.matches(".*(ln_.|Norm|_norm).weight")
                ? new int[] {p.cols()}
                : new int[] {p.rows(), p.cols()};
    }

    private void write(Expectations expected) {
        inputs();
        List<TensorFile.Entry> outputs = new ArrayList<>();
        expected.tensors().forEach((name, values) -> {
            TensorFile.Entry entry = TensorFile.Entry.floats(name, values, extents(name, values.length));
            outputs.add(entry);
            tolerances(name, values, expected.tensors(), list(entry, "expected.safetensors"));
        });
        TensorFile.write(directory.resolve("expected.safetensors"), outputs);
        files.put("inputs.safetensors", "").put("expected.safetensors", "");
        ObjectNode scalars = manifest.putObject("scalars");
        expected.scalars().forEach((name, values) -> {
            ObjectNode scalar = scalars.putObject(name).put("atol", 2e-5);
            if (values.length == 1) {
                scalar.put("value", values[0]);
            } else {
                scalar.set("values", new ObjectMapper().valueToTree(values));
            }
        });
        training();
        try {
            Files.writeString(directory.resolve("manifest.json"), manifest.toPrettyString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void inputs() {
        int B = batch.count();
        int T = batch.length();
        int[] mask = new int[B * T];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = batch.mask()[i / T][i % T] ? 1 : 0;
        }
        boolean perText = batch.labels().length == B;
        boolean regression = Arrays.stream(batch.labels()).anyMatch(label -> label != Math.rint(label));
        int[] labels = perText ? new int[] {B} : new int[] {B, T};
        List<TensorFile.Entry> inputs = List.of(
                TensorFile.Entry.integers("input_ids", batch.flat(), B, T),
                TensorFile.Entry.integers("attention_mask", mask, B, T),
                regression
                        ? TensorFile.Entry.floats("labels", batch.labels(), labels)
                        : TensorFile.Entry.integers("labels", batch.classes(), labels));
        inputs.forEach(entry -> list(entry, "inputs.safetensors"));
        TensorFile.write(directory.resolve("inputs.safetensors"), inputs);
    }

    private void training() {
        ObjectNode training = manifest.putObject("training").put("optimizer", "AdamW").put("lr", 1e-3)
                .put("eps", 1e-8).put("weight_decay", Training.DECAY).put("full_ft_groups", "")
                .put("schedule", "linear, warmup 2 of 10 steps");
        training.set("lr_per_step", new ObjectMapper().valueToTree(Training.RATES));
        training.putArray("betas").add(0.9).add(0.999);
    }

    private ObjectNode list(TensorFile.Entry entry, String file) {
        ObjectNode node = tensors.addObject().put("name", entry.name()).put("file", file).put("dtype", entry.dtype());
        node.set("shape", new ObjectMapper().valueToTree(entry.shape()));
        return node;
    }

    private int[] extents(String name, int size) {
        if (name.endsWith("logits")) {
            int places = batch.labels().length;
            return places == batch.count()
                    ? new int[] {places, size / places}
                    : new int[] {batch.count(), batch.length(), size / places};
        }
        String key = name.replaceFirst("^(full_ft\\.)?(grad|after5|merged)/", "");
        String path = key.replaceFirst("^base_model\\.model\\.", "").replace(".base_layer.", ".");
        if (base.shapes().containsKey(path)) {
            return base.shapes().get(path);
        }
        return switch (path.replaceFirst(".*\\.(lora_[a-zA-Z_]+)(\\.weight)?$", "$1")) {
            case "lora_A", "lora_B", "lora_embedding_A", "lora_embedding_B" -> {
                Matrix tensor = TensorFile.read(directory.resolve("adapter/adapter_model.safetensors"))
                        .get(key).matrix();
                yield new int[] {tensor.rows(), tensor.cols()};
            }
            case "lm_head.weight", "lm_head.decoder.weight" -> base.shapes().get(
                    base.conv1d() ? "transformer.wte.weight" : "roberta.embeddings.word_embeddings.weight");
            default -> new int[] {size};
        };
    }

    /// As in the golden cases about ten times what float32 costs. Biases of keys have no gradient but rounding noise.
    private void tolerances(String name, double[] values, Map<String, double[]> gradients, ObjectNode node) {
        double largest = Arrays.stream(values).map(Math::abs).max().orElse(0);
        double relative = name.contains("logits") ? 8e-6 : name.contains("grad/") ? 1.5e-5 : 2e-6;
        double least = name.contains("after") ? 3e-6 : 1e-9;
        node.put("atol", Math.max(least, relative * largest));
        boolean keys = name.matches("(full_ft\\.)?(grad|after5|merged)/.*\\.key\\.(base_layer\\.|lora_B\\.)?bias");
        boolean fused = name.matches("(full_ft\\.)?(grad|after5)/.*\\.c_attn\\.(base_layer\\.|lora_B\\.)?bias");
        int third = values.length / 3;
        ArrayNode noise = new ObjectMapper().createArrayNode();
        if (!name.contains("merged/") && (keys || fused)) {
            noise.addArray().add(fused ? third : 0).add(fused ? 2 * third : values.length);
        }
        double[] gradient = name.contains("after5/")
                ? gradients.get(name.replaceFirst("^(full_ft\\.)?after5/", "grad/"))
                : new double[0];
        double steepest = Arrays.stream(gradient).map(Math::abs).max().orElse(0);
        for (int i = 0; i < gradient.length; i++) {
            // Adam turns the rounding of a gradient that is almost 0 into a step; one of exactly 0 is kept
            if (gradient[i] != 0 && Math.abs(gradient[i]) < ALMOST_ZERO * steepest) {
                noise.addArray().add(i).add(i + 1);
            }
        }
        if (!noise.isEmpty()) {
            node.set("noise_elements", noise);
        }
    }
}
