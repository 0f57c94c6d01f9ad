package dev.lorikeet.models.verify.golden;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A case's `manifest.json`.
public final class Manifest {
    /// The file's name in a case.
    public static final String NAME = "manifest.json";

    private final Path file;
    private final JsonNode root;
    private final Map<String, TensorEntry> tensors = new LinkedHashMap<>();

    private Manifest(Path file, JsonNode root) {
        this.file = file;
        this.root = root;
        for (JsonNode node : root.path("tensors")) {
            TensorEntry entry = entry(node);
            tensors.put(entry.name(), entry);
        }
    }

    /// @throws CaseException if the directory has no manifest, or one that cannot be followed
    public static Manifest read(Path directory) {
        Path file = directory.resolve(NAME);
        if (!Files.isDirectory(directory)) {
            throw new CaseException(directory, "is not a directory", "give the directory of a golden case");
        }
        if (!Files.isRegularFile(file)) {
            throw new CaseException(
                    directory, "has no " + NAME, "give the directory of a golden case (verify --help says what "
                            + "belongs into one)");
        }
        try {
            JsonNode root = new ObjectMapper().readTree(Files.readAllBytes(file));
            if (!root.isObject() || !root.path("kind").isTextual()) {
                throw new CaseException(file, "is not a JSON object with a text \"kind\"", "see verify --help");
            }
            return new Manifest(file, root);
        } catch (JsonProcessingException e) {
            throw new CaseException(file, "is not JSON: " + e.getOriginalMessage(), "correct it");
        } catch (IOException e) {
            throw new CaseException(file, "cannot be read: " + e, "check the file");
        }
    }

    private TensorEntry entry(JsonNode node) {
        String name = text(node, "name");
        List<int[]> noise = new ArrayList<>();
        node.path("noise_elements").forEach(range -> noise.add(ints(range)));
        Double tolerance = node.hasNonNull("atol") ? Double.valueOf(node.get("atol").doubleValue()) : null;
        if (!node.path("shape").isArray()) {
            throw new CaseException(file, "tensor '%s' has no list \"shape\"".formatted(name), "add it");
        }
        return new TensorEntry(
                name, text(node, "file"), text(node, "dtype"), Shape.of(ints(node.get("shape"))), tolerance, noise);
    }

    private String text(JsonNode node, String key) {
        if (!node.path(key).isTextual()) {
            throw new CaseException(
                    file, "an entry of \"tensors\" has no text \"%s\": %s".formatted(key, node), "add it");
        }
        return node.get(key).textValue();
    }

    /// A JSON list of integers, or one integer as a list.
    public static int[] ints(JsonNode node) {
        if (node.isInt()) {
            return new int[] {node.intValue()};
        }
        int[] values = new int[node.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = node.get(i).intValue();
        }
        return values;
    }

    /// A JSON list of numbers, or one number as a list.
    public static double[] numbers(JsonNode node) {
        if (node.isNumber()) {
            return new double[] {node.doubleValue()};
        }
        double[] values = new double[node.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = node.get(i).doubleValue();
        }
        return values;
    }

    public Path file() {
        return file;
    }

    public Path directory() {
        return file.toAbsolutePath().getParent();
    }

    /// The case's name.
    public String name() {
        return root.path("case").asText(directory().getFileName().toString());
    }

    public String kind() {
        return root.get("kind").textValue();
    }

    /// The node under `key`; a missing node if there is none.
    public JsonNode get(String key) {
        return root.path(key);
    }

    /// The node under `key`.
    ///
    /// @throws CaseException if there is none
    public JsonNode require(String key) {
        if (!root.hasNonNull(key)) {
            throw new CaseException(
                    file, "has no \"%s\"".formatted(key), "a case of kind %s needs it".formatted(kind()));
        }
        return root.get(key);
    }

    /// All tensors, in the order of the manifest.
    public Map<String, TensorEntry> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    /// The files of the case, relative to it.
    public List<String> files() {
        List<String> names = new ArrayList<>();
        root.path("files").fieldNames().forEachRemaining(names::add);
        return names;
    }

    /// The directory of the base weights: the sibling that `base_model` names.
    ///
    /// @throws CaseException if the manifest names none, or there is no such directory
    public Path base() {
        String name = require("base_model").asText();
        Path base = directory().resolveSibling(name);
        if (!Files.isDirectory(base)) {
            throw new CaseException(
                    file, "its base model '%s' is not there (looked for %s)".formatted(name, base),
                    "put the base case beside this one");
        }
        return base;
    }
}
