package dev.lorikeet.tensor.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The index of a sharded checkpoint, `{"weight_map": {"<tensor>": "<file beside the index>"}}`. It alone decides which
/// tensors there are and where.
///
/// @param shardOf the file of each tensor
record ShardIndex(Map<String, Path> shardOf) {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /// All shards, each once.
    Set<Path> shards() {
        return new LinkedHashSet<>(shardOf.values());
    }

    /// Reads an index whose shards are all there.
    static ShardIndex read(Path index) {
        if (!Files.isRegularFile(index)) {
            throw new FormatException(index, "a file", "nothing there");
        }
        ShardIndex read = of(index);
        checkPresent(index, read.shardOf());
        return read;
    }

    /// Reads an index, whether its shards are there or not.
    static ShardIndex of(Path index) {
        try {
            return parse(index, Files.readAllBytes(index));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + index + ": " + e.getMessage(), e);
        }
    }

    /// Understands the content of an index, whether its shards are there or not.
    static ShardIndex parse(Path index, byte[] content) {
        JsonNode weightMap;
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
            weightMap = JSON.readTree(text).path("weight_map");
        } catch (JsonProcessingException e) {
            throw new FormatException(index, "JSON without duplicate keys",
                    FormatException.quote(e.getOriginalMessage()));
        } catch (CharacterCodingException e) {
            throw new FormatException(index, "JSON in UTF-8", "bytes that are not UTF-8");
        }
        if (!weightMap.isObject()) {
            throw new FormatException(index, "an object under 'weight_map'", weightMap.getNodeType().toString());
        }
        Map<String, Path> shardOf = new LinkedHashMap<>();
        weightMap.properties().forEach(entry ->
                shardOf.put(entry.getKey(), shard(index, entry.getKey(), entry.getValue())));
        return new ShardIndex(shardOf);
    }

    /// A shard is a plain file name: an index must not reach out of its directory.
    private static Path shard(Path index, String tensor, JsonNode name) {
        String text = name.isTextual() ? name.asText() : "";
        boolean plain = text.chars().noneMatch(c -> "/\\:\0".indexOf(c) >= 0);
        if (text.isEmpty() || text.equals(".") || text.equals("..") || !plain) {
            throw new FormatException(index, tensor, "the name of a file beside the index",
                    FormatException.quote(name.toString()), null);
        }
        return index.resolveSibling(text);
    }

    private static void checkPresent(Path index, Map<String, Path> shardOf) {
        List<String> missing = shardOf.values().stream().distinct().filter(shard -> !Files.isRegularFile(shard))
                .map(shard -> shard.getFileName().toString()).toList();
        if (!missing.isEmpty()) {
            throw new FormatException(index, null, "all shards beside the index", "no " + String.join(", ", missing),
                    "Download or copy the missing files.");
        }
    }
}
