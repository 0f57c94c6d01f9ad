package dev.lorikeet.models.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// A file of the GLUE benchmark, plain or gzip, as it is published: columns separated by tabs, without any quoting (a
/// `"` is an ordinary character). Columns are found by the names in the first line, so MNLI's 12 and 16 columns are
/// read as well as a file that has only those that matter. Where a task also has a JSON form, a file called `.jsonl`
/// holds one object per line.
///
/// @param file    where it was read from
/// @param rows    the examples in the file's order
/// @param skipped rows that were left out because they have too few columns; only tasks whose official files are known
///                for such rows have any
public record GlueFile(Path file, List<LabelledSentences> rows, int skipped) {
    public GlueFile {
        rows = List.copyOf(rows);
    }

    /// Reads a file.
    ///
    /// @throws DataException if it is missing or empty, lacks a column, or a line is not as it should be
    public static GlueFile read(Path file, GlueFormat format) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        GlueFile read = name.endsWith(".jsonl") || name.endsWith(".jsonl.gz")
                ? json(file, format) : table(file, format);
        if (read.rows().isEmpty() && read.skipped() > 0) {
            throw new DataException(file, "at least one row with all columns", read.skipped() + " that break off");
        }
        if (read.rows().isEmpty()) {
            throw DataFile.empty(file);
        }
        return read;
    }

    private static GlueFile table(Path file, GlueFormat format) {
        List<String> lines = DataFile.lines(file);
        boolean header = format.columns().isEmpty();
        List<String> columns = header ? List.of(lines.getFirst().split("\t", -1)) : format.columns();
        int first = column(file, columns, format.first());
        int second = format.second() == null ? -1 : column(file, columns, format.second());
        int label = column(file, columns, format.label());
        List<LabelledSentences> rows = new ArrayList<>(lines.size());
        int skipped = 0;
        for (int i = header ? 1 : 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.isBlank()) {
                continue;
            }
            String[] fields = line.split("\t", -1);
            if (fields.length < columns.size() && format.incomplete()) {
                skipped++;
                continue;
            }
            if (fields.length != columns.size()) {
                throw new DataException(file, i + 1, "%d columns separated by tabs (%s)".formatted(
                        columns.size(), String.join(", ", columns)), fields.length + ": " + DataException.quote(line));
            }
            rows.add(new LabelledSentences(fields[first], second < 0 ? null : fields[second],
                    number(file, i + 1, format, fields[label])));
        }
        return new GlueFile(file, rows, skipped);
    }

    private static int column(Path file, List<String> columns, String name) {
        int at = columns.indexOf(name);
        if (at < 0) {
            throw new DataException(file, 1, "a header with a column '%s'".formatted(name),
                    DataException.quote(String.join(", ", columns)) + " (is it another task's file, or a test set, "
                            + "which has no labels?)");
        }
        return at;
    }

    private static double number(Path file, int line, GlueFormat format, String written) {
        return format.number(written).orElseThrow(() -> new DataException(
                file, line, "as label " + format.expectedLabel(), DataException.quote(written)));
    }

    private static GlueFile json(Path file, GlueFormat format) {
        if (format.json().isEmpty()) {
            throw new DataException(file, "columns separated by tabs", "JSON, which this task has no form for");
        }
        String form = "`{\"%s\": \"…\", \"%s\": \"…\", \"%s\": …}`".formatted(format.json().toArray());
        ObjectReader reader = new ObjectMapper().reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
        List<String> lines = DataFile.lines(file);
        List<LabelledSentences> rows = new ArrayList<>(lines.size());
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.isBlank()) {
                continue;
            }
            try {
                JsonNode object = reader.readTree(line);
                List<JsonNode> values = format.json().stream().map(object::path).toList();
                if (Stream.of(values.get(0), values.get(1)).anyMatch(value -> !value.isTextual())) {
                    throw new DataException(file, i + 1, form, DataException.quote(line));
                }
                rows.add(new LabelledSentences(values.get(0).textValue(), values.get(1).textValue(),
                        number(file, i + 1, format, values.get(2).asText())));
            } catch (JsonProcessingException e) {
                throw new DataException(
                        file, i + 1, form, DataException.quote(line) + " (" + e.getOriginalMessage() + ")");
            }
        }
        return new GlueFile(file, rows, 0);
    }
}
