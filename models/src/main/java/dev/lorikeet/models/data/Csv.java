package dev.lorikeet.models.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Reads comma-separated values as RFC 4180 has them: a field in double quotes may hold commas, line ends and doubled
/// quotes; a line ends with `\n` or `\r\n`. Blank lines are no records.
final class Csv {
    /// One record.
    ///
    /// @param line   number of the line on which it starts
    /// @param fields at least one
    record Row(int line, List<String> fields) {
    }

    private final Path file;
    private final String text;
    private int at;
    private int line = 1;

    private Csv(Path file, String text) {
        this.file = file;
        this.text = text;
    }

    /// All records, the header too.
    static List<Row> read(Path file) {
        return new Csv(file, DataFile.text(file)).rows();
    }

    private List<Row> rows() {
        var rows = new ArrayList<Row>();
        while (at < text.length()) {
            int start = line;
            List<String> fields = row();
            if (fields.size() > 1 || !fields.getFirst().isBlank()) {
                rows.add(new Row(start, fields));
            }
        }
        return rows;
    }

    private List<String> row() {
        var fields = new ArrayList<String>();
        while (true) {
            fields.add(at < text.length() && text.charAt(at) == '"' ? quoted() : plain());
            if (at < text.length() && text.charAt(at) == ',') {
                at++;
                continue;
            }
            at = Math.min(text.length(), at + 1);   // the line feed
            line++;
            return fields;
        }
    }

    /// Up to the next comma or line end, without the `\r` of the latter.
    private String plain() {
        int start = at;
        while (at < text.length() && text.charAt(at) != ',' && text.charAt(at) != '\n') {
            if (text.charAt(at) == '"') {
                throw new DataException(file, line, "quotes around a whole field",
                        DataException.quote(text.substring(start, at + 1)));
            }
            at++;
        }
        boolean carriageReturn = at > start && text.charAt(at - 1) == '\r' && (at == text.length()
                || text.charAt(at) == '\n');
        return text.substring(start, carriageReturn ? at - 1 : at);
    }

    private String quoted() {
        int start = line;
        var field = new StringBuilder();
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                if (at >= text.length() || text.charAt(at) != '"') {
                    return closed(field.toString());
                }
            }
            line += c == '\n' ? 1 : 0;
            field.append(c);
        }
        throw new DataException(file, start, "a closing quote", "the end of the file");
    }

    private String closed(String field) {
        if (at < text.length() && text.charAt(at) == '\r') {
            at++;
        }
        if (at < text.length() && text.charAt(at) != ',' && text.charAt(at) != '\n') {
            throw new DataException(file, line, "a comma or the end of the line after a closing quote",
                    "'" + text.charAt(at) + "'");
        }
        return field;
    }
}
