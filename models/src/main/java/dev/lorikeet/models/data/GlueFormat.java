package dev.lorikeet.models.data;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Where a task's files have the sentences and the label, and what labels they may have.
///
/// @param columns    names of all columns of a file without a header; empty if the first line names them
/// @param first      column of the first sentence
/// @param second     column of the second one, or null
/// @param label      column of the label
/// @param classes    what files write for class 0, 1, …; empty if the label is a number
/// @param json       names of first, second and label in the file's JSON form; empty if there is none
/// @param incomplete whether the official files are known to have rows with too few columns, which are to be left out
public record GlueFormat(
        List<String> columns, String first, String second, String label, List<String> classes, List<String> json,
        boolean incomplete) {
    /// No `inf`, no `0x1p3`, no `3f`, all of which Java would take.
    private static final Pattern DECIMAL = Pattern.compile("[+-]?(\\d{1,9}(\\.\\d*)?|\\.\\d+)");

    public GlueFormat {
        columns = List.copyOf(columns);
        classes = List.copyOf(classes);
        json = List.copyOf(json);
    }

    /// A file whose first line names the columns.
    public static GlueFormat withHeader(String first, String second, String label, List<String> classes) {
        return new GlueFormat(List.of(), first, second, label, classes, List.of(), false);
    }

    /// The number that stands for a label as the file writes it; empty if it is none.
    Optional<Double> number(String written) {
        if (!classes.isEmpty()) {
            int number = classes.indexOf(written);
            return number < 0 ? Optional.empty() : Optional.of((double) number);
        }
        return DECIMAL.matcher(written).matches() ? Optional.of(Double.parseDouble(written)) : Optional.empty();
    }

    /// What a label may be, for messages.
    String expectedLabel() {
        return classes.isEmpty() ? "a number" : "one of " + classes;
    }
}
