package dev.lorikeet.models.text;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// A vocabulary of 256 bytes (in the order of the alphabet's characters) and a few merges, made for the tests.
final class TinyVocabulary {
    static final List<String> MERGES =
            List.of("l o", "Ġ lo", "lo w", "e r", "Ġlo w", "low er", "Ġ t", "h e", "Ġt he", "a a", "aa aa", "1 2",
                    "' s", "âĢ ¦", "č Ċ");

    private TinyVocabulary() {
    }

    static Map<String, Integer> tokens() {
        var tokens = new LinkedHashMap<String, Integer>();
        for (int b = 0; b < 256; b++) {
            tokens.put(letter(b), b);
        }
        tokens.put("âĢ", 256);
        for (String merge : MERGES) {
            tokens.putIfAbsent(merge.replace(" ", ""), tokens.size());
        }
        tokens.put(Tokenizer.END_OF_TEXT, tokens.size());
        return tokens;
    }

    /// Written from the definition in another way than the class under test does.
    static String letter(int b) {
        boolean printable = 33 <= b && b <= 126 || 161 <= b && b <= 172 || 174 <= b && b <= 255;
        long hiddenBefore = IntStream.range(0, b)
                .filter(c -> c <= 32 || c >= 127 && c <= 160 || c == 173).count();
        return String.valueOf((char) (printable ? b : 256 + hiddenBefore));
    }

    static void writePair(Path directory) throws IOException {
        new ObjectMapper().writeValue(directory.resolve("vocab.json").toFile(), tokens());
        Files.writeString(directory.resolve("merges.txt"), "#version: 0.2\n" + String.join("\n", MERGES) + "\n");
    }

    static void writeJson(Path directory, List<Map<String, Object>> added) throws IOException {
        var model = Map.of("type", "BPE", "vocab", tokens(),
                "merges", MERGES.stream().map(merge -> List.of(merge.split(" "))).toList());
        var root = Map.of("added_tokens", added, "pre_tokenizer", Map.of("type", "ByteLevel"), "model", model);
        new ObjectMapper().writeValue(directory.resolve("tokenizer.json").toFile(), root);
    }
}
