package dev.lorikeet.lora.io;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.lora.PeftSetting;
import dev.lorikeet.tensor.io.FormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;

/// The fields of a JSON object in a file, with errors that name file, key and value. A null counts as absent.
final class JsonFields {
    private final Path file;
    private final JsonNode object;

    private JsonFields(Path file, JsonNode object) {
        this.file = file;
        this.object = object;
    }

    static JsonFields read(Path file) {
        try {
            ObjectMapper mapper = new ObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
            JsonNode node = mapper.readTree(Files.readAllBytes(file));
            if (node == null || !node.isObject()) {
                throw new FormatException(file, null, "a JSON object", "something else", null);
            }
            return new JsonFields(file, node);
        } catch (JsonProcessingException e) {
            throw new FormatException(file, null, "JSON", e.getOriginalMessage(), null);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read %s: %s".formatted(file, e.getMessage()), e);
        }
    }

    Path file() {
        return file;
    }

    Map<String, JsonNode> all() {
        Map<String, JsonNode> fields = new LinkedHashMap<>();
        object.properties().forEach(entry -> fields.put(entry.getKey(), entry.getValue()));
        return fields;
    }

    boolean has(String key) {
        return object.hasNonNull(key);
    }

    String text(String key) {
        return has(key) ? typed(key, object.get(key), JsonNode::isTextual, JsonNode::textValue, "a text") : null;
    }

    boolean flag(String key) {
        return has(key) && typed(key, object.get(key), JsonNode::isBoolean, JsonNode::booleanValue, "true or false");
    }

    int integer(String key, int absent) {
        return has(key) ? integer(key, object.get(key)) : absent;
    }

    double number(String key, double absent) {
        return has(key) ? number(key, object.get(key)) : absent;
    }

    /// A list of texts, or a single text as a list of one.
    List<String> texts(String key) {
        return list(key, node ->
                typed(key, node, JsonNode::isTextual, JsonNode::textValue, "a text or a list of texts"));
    }

    /// A list of integers, or a single one as a list of one.
    List<Integer> integers(String key) {
        return list(key, node -> integer(key, node));
    }

    Map<String, Integer> integersByName(String key) {
        return byName(key, this::integer);
    }

    Map<String, Double> numbersByName(String key) {
        return byName(key, this::number);
    }

    Map<String, String> textsByName(String key) {
        return byName(key, (name, node) -> node.isNull()
                ? null
                : typed(name, node, JsonNode::isTextual, JsonNode::textValue, "a text"));
    }

    boolean isText(String key) {
        return has(key) && object.get(key).isTextual();
    }

    private <T> List<T> list(String key, Function<JsonNode, T> element) {
        List<T> values = new ArrayList<>();
        if (has(key) && object.get(key).isArray()) {
            object.get(key).forEach(node -> values.add(element.apply(node)));
        } else if (has(key)) {
            values.add(element.apply(object.get(key)));
        }
        return values;
    }

    private <T> Map<String, T> byName(String key, BiFunction<String, JsonNode, T> value) {
        Map<String, T> values = new LinkedHashMap<>();
        if (has(key)) {
            JsonNode map = typed(key, object.get(key), JsonNode::isObject, Function.identity(), "an object");
            map.properties().forEach(entry ->
                    values.put(entry.getKey(), value.apply(key + "." + entry.getKey(), entry.getValue())));
        }
        return values;
    }

    private int integer(String key, JsonNode node) {
        return typed(key, node, n -> n.isNumber() && n.canConvertToExactIntegral() && n.canConvertToInt(),
                JsonNode::intValue, "an integer");
    }

    private double number(String key, JsonNode node) {
        return typed(key, node, JsonNode::isNumber, JsonNode::doubleValue, "a number");
    }

    private <T> T typed(String key, JsonNode node, Predicate<JsonNode> is,
            Function<JsonNode, T> value, String expected) {
        if (!is.test(node)) {
            throw new FormatException(file, null, "\"%s\" to be %s".formatted(key, expected), node.toString(), null);
        }
        return value.apply(node);
    }

    /// Whether the setting's key is there with the value that switches its variant on.
    boolean has(PeftSetting setting) {
        return setting.value() instanceof String text
                ? isText(setting.key()) && text(setting.key()).equals(text)
                : flag(setting.key());
    }
}
