package dev.lorikeet.models.data;

import java.io.IOException;
import java.io.Serial;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// A data file is missing, empty or not what it should be: `train.txt:17: expected …, found …`.
public final class DataException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private static final int LONGEST_QUOTE = 80;
    private static final int MOST_NAMES = 12;

    public DataException(Path file, String expected, String found) {
        super("%s: expected %s, found %s".formatted(file, expected, found));
    }

    DataException(Path file, String expected, String found, Throwable cause) {
        super("%s: expected %s, found %s".formatted(file, expected, found), cause);
    }

    public DataException(Path file, int line, String expected, String found) {
        super("%s:%d: expected %s, found %s".formatted(file, line, expected, found));
    }

    /// A directory without a file that was looked for.
    public static DataException none(Path directory, String expected) {
        String found;
        try (Stream<Path> files = Files.list(directory)) {
            found = String.join(", ", files.map(file -> file.getFileName().toString()).sorted().limit(MOST_NAMES)
                    .toList());
        } catch (IOException e) {
            return new DataException(directory, expected, e.toString(), e);
        }
        return new DataException(directory, expected, found.isEmpty() ? "an empty directory" : found);
    }

    /// Part of a file, short enough for a message.
    public static String quote(String text) {
        return '"' + (text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "…") + '"';
    }
}
