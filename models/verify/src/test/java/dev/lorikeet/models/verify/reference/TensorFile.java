package dev.lorikeet.models.verify.reference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A safetensors file in memory, read and written by the few lines of its specification.
final class TensorFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// @param dtype F32 or I64 to write; F64 can be read, too
    record Entry(String name, String dtype, int[] shape, double[] values) {
        /// A vector, a matrix, or more.
        static Entry floats(String name, double[] values, int... shape) {
            return new Entry(name, "F32", shape, values);
        }

        static Entry integers(String name, int[] values, int... shape) {
            return new Entry(name, "I64", shape, Arrays.stream(values).asDoubleStream().toArray());
        }

        int[] ints() {
            return Arrays.stream(values).mapToInt(value -> (int) value).toArray();
        }

        Matrix matrix() {
            return Matrix.of(shape.length == 1 ? 1 : shape[0], shape[shape.length - 1], values);
        }
    }

    private TensorFile() {}

    static Map<String, Entry> read(Path file) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            int length = Math.toIntExact(bytes.getLong(0));
            JsonNode header = JSON.readTree(new String(bytes.array(), 8, length, StandardCharsets.UTF_8));
            Map<String, Entry> entries = new LinkedHashMap<>();
            header.properties().stream().filter(field -> !field.getKey().equals("__metadata__")).forEach(field -> {
                JsonNode node = field.getValue();
                int[] shape = JSON.convertValue(node.get("shape"), int[].class);
                String dtype = node.get("dtype").asText();
                double[] values = new double[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
                int at = 8 + length + node.get("data_offsets").get(0).asInt();
                for (int i = 0; i < values.length; i++) {
                    values[i] = switch (dtype) {
                        case "F32" -> bytes.getFloat(at + 4 * i);
                        case "F64" -> bytes.getDouble(at + 8 * i);
                        case "I64" -> bytes.getLong(at + 8 * i);
                        default -> throw new IllegalStateException(field.getKey() + " is " + dtype);
                    };
                }
                entries.put(field.getKey(), new Entry(field.getKey(), dtype, shape, values));
            });
            return entries;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// With the order and the padding of the reference implementation: wider types first, then by name.
    static void write(Path file, Collection<Entry> entries) {
        List<Entry> sorted = entries.stream()
                .sorted((a, b) -> a.dtype().equals(b.dtype())
                        ? a.name().compareTo(b.name())
                        : a.dtype().equals("I64") ? -1 : 1)
                .toList();
        ObjectNode header = JSON.createObjectNode();
        header.putObject("__metadata__").put("format", "pt");
        int size = 0;
        for (Entry entry : sorted) {
            int bytes = entry.values().length * (entry.dtype().equals("I64") ? 8 : 4);
            ObjectNode node = header.putObject(entry.name()).put("dtype", entry.dtype());
            node.set("shape", JSON.valueToTree(entry.shape()));
            node.set("data_offsets", JSON.valueToTree(new int[] {size, size + bytes}));
            size += bytes;
        }
        byte[] text = header.toString().getBytes(StandardCharsets.UTF_8);
        int length = (text.length + 7) / 8 * 8;
        ByteBuffer out = ByteBuffer.allocate(8 + length + size).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
        out.put(text).put(" ".repeat(length - text.length).getBytes(StandardCharsets.UTF_8));
        for (Entry entry : sorted) {
            for (double value : entry.values()) {
                if (entry.dtype().equals("I64")) {
                    out.putLong((long) value);
                } else {
                    out.putFloat((float) value);
                }
            }
        }
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, out.array());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
