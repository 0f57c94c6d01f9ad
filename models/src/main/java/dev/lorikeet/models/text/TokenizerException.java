package dev.lorikeet.models.text;

import java.nio.file.Path;

/// A tokenizer's files are missing, broken or of a kind that is not supported. The message names the file.
public final class TokenizerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TokenizerException(Path file, String problem) {
        super(file + ": " + problem);
    }

    TokenizerException(Path file, String problem, Throwable cause) {
        super(file + ": " + problem, cause);
    }
}
