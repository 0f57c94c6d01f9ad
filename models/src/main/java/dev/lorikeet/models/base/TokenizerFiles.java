package dev.lorikeet.models.base;

import dev.lorikeet.tensor.io.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The files that make a tokenizer in a model directory.
public final class TokenizerFiles {
    /// The files of the tokenizers that can be read here.
    public static final List<String> NAMES = List.of(
            "tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt", "special_tokens_map.json");

    private TokenizerFiles() {}

    /// Copies those that are there from one directory to another.
    public static void copy(Path from, Path to) {
        copy(NAMES, from, to);
    }

    /// Copies the named files as far as they exist.
    static void copy(List<String> names, Path from, Path to) {
        for (String name : names) {
            Path file = from.resolve(name);
            try {
                if (Files.exists(file)) {
                    AtomicFile.write(to.resolve(name), Files.readAllBytes(file));
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot copy " + file, e);
            }
        }
    }
}
