package dev.lorikeet.tensor.io;

import java.nio.file.Path;

/// A file that is not what it should be. The message has all parts:
/// `model.safetensors: tensor 'wte.weight': expected …, found …. Hint.`
public final class FormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Path file;
    private final String tensor;
    private final String expected;
    private final String found;
    private final String hint;

    /// @param file     the file or directory
    /// @param tensor   name of the tensor, or null if the file as a whole is meant
    /// @param expected what a good file has
    /// @param found    what this one has
    /// @param hint     what to do about it, or null
    public FormatException(Path file, String tensor, String expected, String found, String hint) {
        super(message(file, tensor, expected, found, hint));
        this.file = file;
        this.tensor = tensor;
        this.expected = expected;
        this.found = found;
        this.hint = hint;
    }

    FormatException(Path file, String tensor, String expected, String found) {
        this(file, tensor, expected, found, null);
    }

    FormatException(Path file, String expected, String found) {
        this(file, null, expected, found, null);
    }

    /// The file or directory; null after deserialisation.
    public Path file() {
        return file;
    }

    /// The tensor's name, or null.
    public String tensor() {
        return tensor;
    }

    /// What a good file has.
    public String expected() {
        return expected;
    }

    /// What this file has.
    public String found() {
        return found;
    }

    /// What to do about it, or null.
    public String hint() {
        return hint;
    }

    /// Makes text of a file fit for a message: quoted, control characters escaped, cut after 120 characters.
    static String quote(String text) {
        StringBuilder quoted = new StringBuilder("'");
        for (int i = 0; i < text.length() && i < 120; i++) {
            char c = text.charAt(i);
            boolean plain = !Character.isISOControl(c) && !Character.isSurrogate(c);
            quoted.append(plain ? String.valueOf(c) : "\\u%04x".formatted((int) c));
        }
        return quoted.append(text.length() > 120 ? "…'" : "'").toString();
    }

    private static String message(Path file, String tensor, String expected, String found, String hint) {
        return file + ": "
                + (tensor == null ? "" : "tensor " + quote(tensor) + ": ")
                + "expected " + expected + ", found " + found + "."
                + (hint == null ? "" : " " + hint);
    }
}
