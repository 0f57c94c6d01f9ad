package dev.lorikeet.models;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.tensor.UnaryFunction;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// A Hugging Face `config.json`: typed look-ups with defaults, and errors that name the file and the key.
public final class ConfigJson {
    private static final Map<String, UnaryFunction> ACTIVATIONS = activations();

    /// More classes than this are a mistake, not a task.
    private static final int MOST_LABELS = 1 << 20;

    private final Path file;
    private final JsonNode root;

    private ConfigJson(Path file, JsonNode root) {
        this.file = file;
        this.root = root;
    }

    private static Map<String, UnaryFunction> activations() {
        Map<String, UnaryFunction> names = new LinkedHashMap<>();
        names.put("gelu_new", UnaryFunction.GELU_TANH);
        names.put("gelu_pytorch_tanh", UnaryFunction.GELU_TANH);
        names.put("gelu_fast", UnaryFunction.GELU_TANH);
        names.put("gelu", UnaryFunction.GELU_ERF);
        names.put("relu", UnaryFunction.RELU);
        names.put("silu", UnaryFunction.SILU);
        names.put("swish", UnaryFunction.SILU);
        names.put("tanh", UnaryFunction.TANH);
        names.put("sigmoid", UnaryFunction.SIGMOID);
        return names;
    }

    /// @throws ConfigException if the file is missing or is not a JSON object
    public static ConfigJson read(Path file) {
        try {
            return parse(file, Files.readAllBytes(file));
        } catch (IOException e) {
            throw new ConfigException(
                    file, "cannot be read (" + e.getClass().getSimpleName() + ")",
                            "give a model directory that has it");
        }
    }

    /// As [#read] from bytes in memory.
    ///
    /// @param file what errors call it
    public static ConfigJson parse(Path file, byte[] content) {
        try {
            JsonNode root = new ObjectMapper().reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .readTree(content);
            if (!root.isObject()) {
                throw new ConfigException(file, "is not a JSON object", "expected a Hugging Face config.json");
            }
            return new ConfigJson(file, root);
        } catch (JsonProcessingException e) {
            throw new ConfigException(file, "is not JSON: " + e.getOriginalMessage(),
                    "expected a Hugging Face config.json");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot parse " + file, e);
        }
    }

    /// A configuration that comes with the program.
    ///
    /// @param beside the class in whose package it lies
    public static ConfigJson resource(Class<?> beside, String name) {
        try (InputStream in = beside.getResourceAsStream(name)) {
            return parse(Path.of(name), in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the built-in configuration " + name, e);
        }
    }

    /// The file that this was read from.
    public Path file() {
        return file;
    }

    /// The file's `model_type`, or an empty string.
    public String modelType() {
        return root.path("model_type").asText("");
    }

    /// @throws ConfigException if `model_type` is there and is another one
    public void requireModelType(String type) {
        if (root.hasNonNull("model_type") && !modelType().equals(type)) {
            throw new ConfigException(file, "model_type is '%s', expected '%s'".formatted(modelType(), type),
                    "give the directory of a " + type + " model");
        }
    }

    /// An integer; `fallback` where the key is absent or null.
    public int integer(String key, int fallback) {
        JsonNode node = root.path(key);
        if (node.isMissingNode() || node.isNull()) {
            return fallback;
        }
        if (!node.isIntegralNumber() || !node.canConvertToInt()) {
            throw wrong(key, node, "an integer");
        }
        return node.intValue();
    }

    /// A number; `fallback` where the key is absent or null.
    public double number(String key, double fallback) {
        JsonNode node = root.path(key);
        if (node.isMissingNode() || node.isNull()) {
            return fallback;
        }
        if (!node.isNumber()) {
            throw wrong(key, node, "a number");
        }
        return node.doubleValue();
    }

    /// A number in [0, 1).
    public double probability(String key, double fallback) {
        double value = number(key, fallback);
        if (!(value >= 0 && value < 1)) {
            throw wrong(key, root.path(key), "a probability in [0, 1)");
        }
        return value;
    }

    /// A boolean; `fallback` where the key is absent or null.
    public boolean flag(String key, boolean fallback) {
        JsonNode node = root.path(key);
        if (node.isMissingNode() || node.isNull()) {
            return fallback;
        }
        if (!node.isBoolean()) {
            throw wrong(key, node, "true or false");
        }
        return node.booleanValue();
    }

    /// A text; `fallback` where the key is absent or null.
    public String text(String key, String fallback) {
        JsonNode node = root.path(key);
        if (node.isMissingNode() || node.isNull()) {
            return fallback;
        }
        if (!node.isTextual()) {
            throw wrong(key, node, "a text");
        }
        return node.textValue();
    }

    /// A list of texts; empty where the key is absent or null.
    public List<String> texts(String key) {
        JsonNode node = root.path(key);
        List<String> texts = new ArrayList<>();
        if (!node.isMissingNode() && !node.isNull() && !node.isArray()) {
            throw wrong(key, node, "a list of texts");
        }
        for (JsonNode element : node) {
            if (!element.isTextual()) {
                throw wrong(key, node, "a list of texts");
            }
            texts.add(element.textValue());
        }
        return texts;
    }

    /// Names of a classifier's classes: `id2label` in the order of its numbers, or as many as `num_labels` says (2
    /// where the file says nothing) under transformers' names.
    public List<String> labels() {
        JsonNode names = root.path("id2label");
        if (names.isMissingNode() || names.isNull()) {
            int count = integer("num_labels", 2);
            if (count > MOST_LABELS) {
                throw wrong("num_labels", root.path("num_labels"), "at most " + MOST_LABELS);
            }
            return IntStream.range(0, count).mapToObj(i -> "LABEL_" + i).toList();
        }
        if (!names.isObject()) {
            throw wrong("id2label", names, "an object with the classes' names");
        }
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            JsonNode name = names.path(Integer.toString(i));
            if (!name.isTextual()) {
                throw wrong("id2label", names, "names under the numbers 0 to %d".formatted(names.size() - 1));
            }
            labels.add(name.textValue());
        }
        return labels;
    }

    /// @throws ConfigException if a text is there and is another one than what is built
    public void requireText(String key, String built) {
        if (!text(key, built).equals(built)) {
            throw wrong(key, root.path(key), "'%s'; nothing else is built yet".formatted(built));
        }
    }

    /// @throws ConfigException if a condition is there and is another one than what is built
    public void requireFlag(String key, boolean built) {
        if (flag(key, built) != built) {
            throw wrong(key, root.path(key), "%b; nothing else is built yet".formatted(built));
        }
    }

    /// An activation function by the name that Hugging Face gives it.
    public UnaryFunction activation(String key, String fallback) {
        String name = root.path(key).asText(fallback);
        UnaryFunction function = ACTIVATIONS.get(name);
        if (function == null) {
            throw wrong(key, root.path(key), "one of " + ACTIVATIONS.keySet());
        }
        return function;
    }

    /// The name that Hugging Face gives `function`.
    public static String name(UnaryFunction function) {
        return ACTIVATIONS.entrySet().stream()
                .filter(entry -> entry.getValue() == function)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(function + " is no activation of a config.json"))
                .getKey();
    }

    /// A new JSON object.
    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /// A JSON array of strings.
    public static ArrayNode strings(String... values) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (String value : values) {
            array.add(value);
        }
        return array;
    }

    private ConfigException wrong(String key, JsonNode found, String expected) {
        return new ConfigException(file, "%s is %s".formatted(key, found), "expected " + expected);
    }
}
