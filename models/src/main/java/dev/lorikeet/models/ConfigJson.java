package dev.lorikeet.models;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.tensor.Function;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// A Hugging Face `config.json`: typed look-ups with defaults, and errors that name the file and the key.
public final class ConfigJson {
    private static final Map<String, Function> ACTIVATIONS = activations();

    private final Path file;
    private final JsonNode root;

    private ConfigJson(Path file, JsonNode root) {
        this.file = file;
        this.root = root;
    }

    private static Map<String, Function> activations() {
        Map<String, Function> names = new LinkedHashMap<>();
        names.put("gelu_new", Function.GELU_TANH);
        names.put("gelu_pytorch_tanh", Function.GELU_TANH);
        names.put("gelu_fast", Function.GELU_TANH);
        names.put("gelu", Function.GELU_ERF);
        names.put("relu", Function.RELU);
        names.put("silu", Function.SILU);
        names.put("swish", Function.SILU);
        names.put("tanh", Function.TANH);
        names.put("sigmoid", Function.SIGMOID);
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
            JsonNode root = new ObjectMapper().readTree(content);
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

    /// An activation function by the name that Hugging Face gives it.
    public Function activation(String key, String fallback) {
        String name = root.path(key).asText(fallback);
        Function function = ACTIVATIONS.get(name);
        if (function == null) {
            throw wrong(key, root.path(key), "one of " + ACTIVATIONS.keySet());
        }
        return function;
    }

    /// The name that Hugging Face gives `function`.
    public static String name(Function function) {
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
