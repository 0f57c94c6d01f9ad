package dev.lorikeet.cuda;

import java.util.Locale;
import java.util.StringJoiner;

/// What the suite for a GPU reads from the output of its parts: a line that begins with `row` and goes on with a JSON
/// object.
final class Row {
    private Row() {}

    /// Names and values in turns; values are numbers, booleans or text.
    static void tell(Object... namesAndValues) {
        StringJoiner row = new StringJoiner(", ", "row {", "}");
        for (int i = 0; i < namesAndValues.length; i += 2) {
            row.add("%s: %s".formatted(quoted(namesAndValues[i].toString()), json(namesAndValues[i + 1])));
        }
        System.out.println(row);
        System.out.flush();
    }

    private static String json(Object value) {
        return switch (value) {
            case Double number -> Double.isFinite(number) ? number.toString() : quoted(number.toString());
            case Number number -> number.toString();
            case Boolean flag -> flag.toString();
            default -> quoted(value.toString());
        };
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                default -> quoted.append(c < ' ' ? String.format(Locale.ROOT, "\\u%04x", (int) c) : "" + c);
            }
        }
        return quoted.append('"').toString();
    }
}
