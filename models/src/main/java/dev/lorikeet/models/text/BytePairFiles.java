package dev.lorikeet.models.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Reads the two forms in which Hugging Face directories hold a byte-pair tokenizer.
final class BytePairFiles {
    static final String CONFIG = "tokenizer_config.json";

    private static final String TOKENIZER = "tokenizer.json";
    private static final String VOCABULARY = "vocab.json";
    private static final String MERGES = "merges.txt";

    private BytePairFiles() {
    }

    static BytePairModel read(Path directory) {
        if (Files.exists(directory.resolve(TOKENIZER))) {
            return BytePairModel.of(TokenizerJson.read(directory.resolve(TOKENIZER)));
        }
        boolean vocabulary = Files.exists(directory.resolve(VOCABULARY));
        boolean merges = Files.exists(directory.resolve(MERGES));
        if (vocabulary && merges) {
            return BytePairModel.of(readPair(directory));
        }
        String found = !Files.isDirectory(directory) ? "no such directory"
                : vocabulary ? "only " + VOCABULARY : merges ? "only " + MERGES : "none of them";
        throw new TokenizerException(directory,
                "expected a tokenizer: %s, or %s and %s, or a %s with \"tokenizer_class\": \"%s\"; found %s".formatted(
                        TOKENIZER, VOCABULARY, MERGES, CONFIG, ByteTokenizer.CLASS_NAME, found));
    }

    private static BytePairModel.Parts readPair(Path directory) {
        Path file = directory.resolve(VOCABULARY);
        Map<String, Integer> vocabulary = vocabulary(file, json(file));
        Path configFile = directory.resolve(CONFIG);
        JsonNode config = Files.exists(configFile) ? json(configFile) : new ObjectMapper().createObjectNode();
        JsonNode named = config.path("unk_token");
        String unknown = named.isObject() ? named.path("content").asText() : named.asText("");
        return new BytePairModel.Parts(file, vocabulary, merges(directory.resolve(MERGES)),
                config.has("added_tokens_decoder") ? decoderTokens(configFile, config) : usualTokens(vocabulary),
                vocabulary.containsKey(unknown) ? unknown : null, config.path("add_prefix_space").asBoolean(false));
    }

    /// `added_tokens_decoder` of a `tokenizer_config.json`: id → token.
    private static List<AddedToken> decoderTokens(Path file, JsonNode config) {
        var tokens = new ArrayList<AddedToken>();
        config.get("added_tokens_decoder").properties().forEach(entry -> {
            int id;
            try {
                id = Integer.parseInt(entry.getKey());
            } catch (NumberFormatException e) {
                throw new TokenizerException(file, "expected an id in added_tokens_decoder, found '%s'"
                        .formatted(entry.getKey()), e);
            }
            tokens.add(addedToken(file, id, entry.getValue()));
        });
        return tokens;
    }

    /// The special tokens of GPT-2 and RoBERTa, for directories that list none. RoBERTa's vocabulary holds GPT-2's
    /// `<|endoftext|>` as an ordinary entry.
    private static List<AddedToken> usualTokens(Map<String, Integer> vocabulary) {
        List<String> names = vocabulary.containsKey("<s>") ? List.of("<s>", "<pad>", "</s>", "<unk>", "<mask>")
                : List.of(Tokenizer.END_OF_TEXT);
        return names.stream().filter(vocabulary::containsKey)
                .map(name -> new AddedToken(vocabulary.get(name), name, name.equals("<mask>"), false, false, true))
                .toList();
    }

    static AddedToken addedToken(Path file, int id, JsonNode node) {
        String content = node.path("content").asText();
        if (id < 0 || content.isEmpty()) {
            throw new TokenizerException(file, "expected added tokens with an id and a content, found " + node);
        }
        return new AddedToken(id, content, node.path("lstrip").asBoolean(), node.path("rstrip").asBoolean(),
                node.path("single_word").asBoolean(), node.path("special").asBoolean());
    }

    static Map<String, Integer> vocabulary(Path file, JsonNode node) {
        if (!node.isObject() || node.isEmpty()) {
            throw new TokenizerException(file, "expected a vocabulary {token: id, …}, found "
                    + (node.isObject() ? "an empty one" : node.getNodeType()));
        }
        var vocabulary = HashMap.<String, Integer>newHashMap(node.size());
        node.properties().forEach(entry -> {
            if (!entry.getValue().canConvertToInt()) {
                throw new TokenizerException(file, "expected an integer id for token '%s', found %s"
                        .formatted(entry.getKey(), entry.getValue()));
            }
            vocabulary.put(entry.getKey(), entry.getValue().intValue());
        });
        return vocabulary;
    }

    private static List<BytePairModel.Merge> merges(Path file) {
        List<String> lines = lines(file);
        var merges = new ArrayList<BytePairModel.Merge>(lines.size());
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (!line.isEmpty() && !(i == 0 && line.startsWith("#version"))) {
                merges.add(merge(file, line, file.getFileName() + ":" + (i + 1)));
            }
        }
        return merges;
    }

    /// A merge written as `left right`; a token holds no blank, since `Ġ` stands for it.
    static BytePairModel.Merge merge(Path file, String line, String where) {
        int blank = line.indexOf(' ');
        if (blank < 1 || blank == line.length() - 1 || line.indexOf(' ', blank + 1) >= 0) {
            throw new TokenizerException(file, where + ": expected two tokens with a blank between them, found '%s'"
                    .formatted(line));
        }
        return new BytePairModel.Merge(line.substring(0, blank), line.substring(blank + 1), where);
    }

    static JsonNode json(Path file) {
        try {
            return new ObjectMapper().reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw new TokenizerException(file, "expected JSON, found a mistake in line %d: %s".formatted(
                    e.getLocation() == null ? 0 : e.getLocation().getLineNr(), e.getOriginalMessage()), e);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readString(file).lines().toList();
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static TokenizerException unreadable(Path file, IOException e) {
        return new TokenizerException(file, e instanceof NoSuchFileException ? "no such file"
                : "cannot be read as UTF-8: " + e, e);
    }
}
