package dev.lorikeet.models.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/// Reads a whole text file, gzipped or not (its first two bytes say which, not its name).
public final class DataFile {
    private DataFile() {
    }

    /// The text, without a byte order mark. Anything that is not UTF-8 is an error with its line.
    public static String text(Path file) {
        ByteBuffer bytes = ByteBuffer.wrap(bytes(file));
        CharBuffer text = CharBuffer.allocate(bytes.remaining());
        var decoder = StandardCharsets.UTF_8.newDecoder();
        if (decoder.decode(bytes, text, true).isError()) {
            int line = 1;
            for (int i = 0; i < bytes.position(); i++) {
                line += bytes.get(i) == '\n' ? 1 : 0;
            }
            throw new DataException(file, line, "UTF-8", "byte 0x%02X".formatted(bytes.get(bytes.position())));
        }
        text.flip();
        boolean mark = text.hasRemaining() && text.get(0) == '\uFEFF';
        return text.subSequence(mark ? 1 : 0, text.remaining()).toString();
    }

    /// The lines; line number = index + 1. `\n` and `\r\n` end a line.
    ///
    /// @throws DataException also if no line has any text
    public static List<String> lines(Path file) {
        String text = text(file);
        var lines = new ArrayList<String>();
        for (int from = 0; from < text.length(); ) {
            int end = text.indexOf('\n', from);
            int next = end < 0 ? text.length() : end + 1;
            int stop = end < 0 ? text.length() : end;
            lines.add(text.substring(from, stop > from && text.charAt(stop - 1) == '\r' ? stop - 1 : stop));
            from = next;
        }
        if (lines.stream().allMatch(String::isBlank)) {
            throw empty(file);
        }
        return lines;
    }

    static DataException empty(Path file) {
        return new DataException(file, "at least one example", "none: the file is empty");
    }

    private static byte[] bytes(Path file) {
        if (!Files.exists(file)) {
            throw new DataException(file, "a file", "nothing of this name (looked in "
                    + Path.of("").toAbsolutePath() + ")");
        }
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            in.mark(2);
            boolean gzip = in.read() == 0x1F && in.read() == 0x8B;
            in.reset();
            return gzip ? new GZIPInputStream(in).readAllBytes() : in.readAllBytes();
        } catch (EOFException e) {
            throw new DataException(file, "a whole gzip file", "one that breaks off; copy or fetch it again", e);
        } catch (ZipException e) {
            throw new DataException(file, "a whole gzip file",
                    "a damaged one (%s); copy or fetch it again".formatted(e.getMessage()), e);
        } catch (IOException e) {
            throw new DataException(file, "a readable file, plain or gzip", e.getMessage(), e);
        }
    }
}
