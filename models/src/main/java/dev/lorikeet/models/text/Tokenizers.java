package dev.lorikeet.models.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;

/// Opens the tokenizer of a model directory.
public final class Tokenizers {
    private Tokenizers() {
    }

    /// The tokenizer that the files of `directory` describe:
    /// 1. `tokenizer_config.json` with `"tokenizer_class": "LorikeetByteTokenizer"`: a [ByteTokenizer];
    /// 2. `tokenizer.json`: a [BytePairTokenizer];
    /// 3. `vocab.json` and `merges.txt`: a [BytePairTokenizer].
    ///
    /// @throws TokenizerException if there are none of these, or they are broken or of another kind
    public static Tokenizer open(Path directory) {
        Path config = directory.resolve(BytePairFiles.CONFIG);
        if (Files.exists(config)) {
            JsonNode kind = BytePairFiles.json(config).path("tokenizer_class");
            if (ByteTokenizer.CLASS_NAME.equals(kind.asText())) {
                return new ByteTokenizer();
            }
        }
        return BytePairTokenizer.open(directory);
    }
}
