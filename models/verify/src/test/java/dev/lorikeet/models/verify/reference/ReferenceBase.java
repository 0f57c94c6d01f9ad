package dev.lorikeet.models.verify.reference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// A base model's directory: its configuration and its weights.
///
/// @param weights by name; a vector is one row
/// @param shapes  extents by name
record ReferenceBase(JsonNode config, Map<String, Matrix> weights, Map<String, int[]> shapes) {
    static ReferenceBase read(Path directory) {
        Map<String, Matrix> weights = new LinkedHashMap<>();
        Map<String, int[]> shapes = new LinkedHashMap<>();
        TensorFile.read(directory.resolve("model.safetensors")).values().forEach(entry -> {
            weights.put(entry.name(), entry.matrix());
            shapes.put(entry.name(), entry.shape());
        });
        return new ReferenceBase(json(directory.resolve("config.json")), weights, shapes);
    }

    static JsonNode json(Path file) {
        try {
            return new ObjectMapper().readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean conv1d() {
        return config.get("model_type").asText().equals("gpt2");
    }

    ReferenceModel model() {
        return ReferenceModel.of(config);
    }

    /// With the adapter of a directory.
    PeftReference with(Path adapter) {
        Map<String, Matrix> tensors = new LinkedHashMap<>();
        TensorFile.read(adapter.resolve("adapter_model.safetensors"))
                .forEach((key, entry) -> tensors.put(key, entry.matrix()));
        return new PeftReference(conv1d(), weights, json(adapter.resolve("adapter_config.json")), tensors);
    }

    /// All weights trained.
    PlainReference trained() {
        Map<String, Matrix> all = new LinkedHashMap<>();
        weights.forEach((name, weight) -> all.put(name, weight.copy()));
        return new PlainReference(conv1d(), all);
    }

    /// With some weights replaced.
    PlainReference replaced(Map<String, Matrix> others) {
        Map<String, Matrix> all = new LinkedHashMap<>(weights);
        all.putAll(others);
        return new PlainReference(conv1d(), all);
    }
}
