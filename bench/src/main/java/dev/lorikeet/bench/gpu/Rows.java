package dev.lorikeet.bench.gpu;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.bench.process.AnswerLines;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// How a part tells what it found: lines of its output that begin with `row` and go on with a JSON object. They arrive
/// one by one, so that a part that fails or runs out of time has told what it knew.
public final class Rows {
    private static final AnswerLines LINES = new AnswerLines("row ");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final PrintWriter out;

    public Rows(PrintWriter out) {
        this.out = out;
    }

    /// Tells one row: names and values in turns.
    public void add(Object... namesAndValues) {
        Map<String, Object> row = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            row.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        add(row);
    }

    /// Tells one row.
    public void add(Map<String, ?> row) {
        try {
            out.println(LINES.line(JSON.writeValueAsString(row)));
            out.flush();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("cannot be told: " + row, e);
        }
    }

    /// Puts something into the log that is no row.
    void note(String text) {
        out.println(text);
        out.flush();
    }

    /// Puts what went wrong into the log, with where it did.
    void note(Throwable failure) {
        failure.printStackTrace(out);
        out.flush();
    }

    /// The row in a line of output, if it is one.
    static Optional<Map<String, Object>> of(String line) {
        return LINES.answer(line).filter(answer -> answer.startsWith("{")).flatMap(Rows::read);
    }

    private static Optional<Map<String, Object>> read(String json) {
        try {
            return Optional.of(JSON.readValue(
                    json, JSON.getTypeFactory().constructMapType(LinkedHashMap.class, String.class, Object.class)));
        } catch (JsonProcessingException e) {
            return Optional.empty();   // cut off in the middle, or somebody else's line
        }
    }
}
