package dev.lorikeet.tensor.io;

/// Texts in JSON that has to equal other writers' byte for byte, which differ in what they escape: hexadecimal digits
/// are small, and characters that have a short escape get it.
public final class JsonText {
    private JsonText() {}

    /// Appends `text` as serde (Rust) writes it: control characters are escaped, all else is as it is.
    public static void quote(StringBuilder json, String text) {
        quote(json, text, Character.MAX_VALUE);
    }

    /// Appends `text` as Python's `json` writes it: everything outside of printable ASCII is escaped.
    public static void quoteAscii(StringBuilder json, String text) {
        quote(json, text, '~');
    }

    private static void quote(StringBuilder json, String text, char last) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> json.append("\\\"");
                case '\\' -> json.append("\\\\");
                case '\b' -> json.append("\\b");
                case '\f' -> json.append("\\f");
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                default -> json.append(c < 0x20 || c > last ? "\\u%04x".formatted((int) c) : String.valueOf(c));
            }
        }
        json.append('"');
    }
}
