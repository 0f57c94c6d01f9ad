package dev.lorikeet.lora.io;

import dev.lorikeet.tensor.io.JsonText;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;

/// JSON with the very characters of Python's `json.dumps(value, indent=2, sort_keys=True)`.
final class PythonJson {
    private PythonJson() {}

    /// @param value null, `Boolean`, `Number`, `String`, `Collection` or `Map` with text keys
    static String dumps(Object value) {
        StringBuilder json = new StringBuilder();
        write(json, value, "\n");
        return json.toString();
    }

    private static void write(StringBuilder json, Object value, String newline) {
        switch (value) {
            case null -> json.append("null");
            case Boolean flag -> json.append(flag);
            case Integer number -> json.append(number);
            case Long number -> json.append(number);
            case Double number -> json.append(number(number));
            case String text -> JsonText.quoteAscii(json, text);
            case Collection<?> list -> writeList(json, list, newline);
            case Map<?, ?> map -> writeMap(json, map, newline);
            default -> throw new IllegalArgumentException("no JSON for " + value.getClass());
        }
    }

    private static void writeList(StringBuilder json, Collection<?> list, String newline) {
        String inner = newline + "  ";
        json.append('[');
        for (Iterator<?> i = list.iterator(); i.hasNext(); ) {
            write(json.append(inner), i.next(), inner);
            json.append(i.hasNext() ? "," : newline);
        }
        json.append(']');
    }

    private static void writeMap(StringBuilder json, Map<?, ?> map, String newline) {
        String inner = newline + "  ";
        json.append('{');
        for (Iterator<? extends Map.Entry<?, ?>> i = new TreeMap<>(map).entrySet().iterator(); i.hasNext(); ) {
            Map.Entry<?, ?> entry = i.next();
            JsonText.quoteAscii(json.append(inner), (String) entry.getKey());
            write(json.append(": "), entry.getValue(), inner);
            json.append(i.hasNext() ? "," : newline);
        }
        json.append('}');
    }

    /// Python's `repr` of a float: the shortest digits that read back, with an exponent below 1e-4 and from 1e16 on.
    private static String number(double value) {
        double size = Math.abs(value);
        if (size == 0 || (size >= 1e-4 && size < 1e16)) {
            String plain = new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
            return plain.contains(".") ? plain : plain + ".0";
        }
        String digits = Double.toString(value);                          // 1.0E-5
        int e = digits.indexOf('E');
        String mantissa = digits.substring(0, e).replaceFirst("\\.0$", "");
        int exponent = Integer.parseInt(digits.substring(e + 1));
        return "%se%s%02d".formatted(mantissa, exponent < 0 ? "-" : "+", Math.abs(exponent));
    }
}
