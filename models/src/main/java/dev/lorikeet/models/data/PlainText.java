package dev.lorikeet.models.data;

import dev.lorikeet.models.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Text without prompts, for pretraining and perplexity.
///
/// A document ends at a line `<|endoftext|>` or at the end of its file; blank ones are left out. Each is encoded whole
/// and followed by the end-of-text id, all of them joined to one stream, and the stream cut into blocks: block `i` is
/// `stream[i·T … i·T + T]`, T rows, its last id being the first one of the next block. So every id but the very first
/// is predicted exactly once. The last block may be shorter.
public final class PlainText implements Examples {
    private final int[] stream;
    private final int blockRows;

    private PlainText(int[] stream, int blockRows) {
        this.stream = stream;
        this.blockRows = blockRows;
    }

    /// Reads the files in this order, plain or gzip.
    ///
    /// @param blockRows T, the rows of a block
    /// @throws DataException            if a file is missing, empty or not UTF-8
    /// @throws IllegalArgumentException if there is no file, T < 1, or the tokenizer has no end of text
    public static PlainText read(List<Path> files, Tokenizer tokenizer, int blockRows) {
        int endOfText = tokenizer.endOfText().orElseThrow(() -> new IllegalArgumentException(
                "documents end with the end-of-text token, which the tokenizer '%s' lacks".formatted(
                        tokenizer.name())));
        if (files.isEmpty() || blockRows < 1) {
            throw new IllegalArgumentException("%d files, blocks of %d rows: expected at least 1 of each"
                    .formatted(files.size(), blockRows));
        }
        var documents = new ArrayList<int[]>();
        for (String text : documents(files)) {
            int[] ids = tokenizer.encode(text);
            documents.add(Arrays.copyOf(ids, ids.length + 1));
            documents.getLast()[ids.length] = endOfText;
        }
        return new PlainText(join(documents), blockRows);
    }

    /// The documents of all files, as text.
    ///
    /// @throws DataException if a file is missing, empty or not UTF-8
    public static List<String> documents(List<Path> files) {
        List<String> all = new ArrayList<>();
        for (Path file : files) {
            List<String> documents = documents(file);
            if (documents.isEmpty()) {
                throw DataFile.empty(file);
            }
            all.addAll(documents);
        }
        return all;
    }

    /// Number of ids of all documents, ends of text included.
    public int tokens() {
        return stream.length;
    }

    @Override
    public int size() {
        return Math.ceilDiv(stream.length - 1, blockRows);
    }

    /// The T ids of block `i`, without the one after it.
    public int[] block(int i) {
        int from = Math.multiplyExact(i, blockRows);
        return Arrays.copyOfRange(stream, from, from + rows(i));
    }

    @Override
    public Example get(int i) {
        int from = Math.multiplyExact(i, blockRows);
        return new Example(Arrays.copyOfRange(stream, from, from + rows(i) + 1), 0);
    }

    @Override
    public int rows(int i) {
        return Math.min(blockRows, stream.length - 1 - i * blockRows);
    }

    private static List<String> documents(Path file) {
        var documents = new ArrayList<String>();
        var document = new ArrayList<String>();
        List<String> lines = new ArrayList<>(DataFile.lines(file));
        lines.add(Tokenizer.END_OF_TEXT);
        for (String line : lines) {
            if (!line.equals(Tokenizer.END_OF_TEXT)) {
                document.add(line);
                continue;
            }
            if (!document.stream().allMatch(String::isBlank)) {
                documents.add(String.join("\n", document));
            }
            document.clear();
        }
        return documents;
    }

    private static int[] join(List<int[]> documents) {
        int[] stream = new int[documents.stream().mapToInt(ids -> ids.length).reduce(0, Math::addExact)];
        int at = 0;
        for (int[] ids : documents) {
            System.arraycopy(ids, 0, stream, at, ids.length);
            at += ids.length;
        }
        return stream;
    }
}
