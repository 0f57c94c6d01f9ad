package dev.lorikeet.models.text;

/// Cuts text into the words inside which bytes are merged, exactly as GPT-2's regular expression does:
/// ```
/// 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
/// ```
/// A hand-written scanner, because it needs no backtracking: every alternative but the white space one is decided by at
/// most two characters, and white space (`\s+(?!\S)`) leaves its last character to what follows, unless nothing does.
///
/// The classes are Unicode's: `\s` is White_Space (so U+0085 and U+3000 are, U+001C and U+200B are not, unlike
/// `Character.isWhitespace`), `\p{L}` and `\p{N}` are the general categories.
final class WordScanner {
    private static final byte OTHER = 0;
    private static final byte SPACE = 1;
    private static final byte LETTER = 2;
    private static final byte NUMBER = 3;
    private static final byte[] ASCII = asciiKinds();

    private WordScanner() {
    }

    /// End of the word that starts at `from`, where `from < end`; the text is taken to end at `end`.
    static int endOfWord(String text, int from, int end) {
        char c = text.charAt(from);
        if (c == '\'') {
            int length = contraction(text, from + 1, end);
            if (length > 0) {
                return from + 1 + length;
            }
        }
        int first = c == ' ' && from + 1 < end ? from + 1 : from;
        byte kind = kind(codePoint(text, first, end));
        if (kind != SPACE) {
            return endOfRun(text, first, end, kind);
        }
        int stop = endOfRun(text, from, end, SPACE);
        return stop == end || stop == from + 1 ? stop : stop - 1;
    }

    /// Length of `s t re ve m ll d` at `at`, lower case only; 0 if none is there.
    private static int contraction(String text, int at, int end) {
        if (at >= end) {
            return 0;
        }
        char next = at + 1 < end ? text.charAt(at + 1) : 0;
        return switch (text.charAt(at)) {
            case 's', 't', 'm', 'd' -> 1;
            case 'r', 'v' -> next == 'e' ? 2 : 0;
            case 'l' -> next == 'l' ? 2 : 0;
            default -> 0;
        };
    }

    private static int endOfRun(String text, int from, int end, byte kind) {
        int at = from;
        while (at < end) {
            int c = codePoint(text, at, end);
            if (kind(c) != kind) {
                break;
            }
            at += Character.charCount(c);
        }
        return at;
    }

    private static int codePoint(String text, int at, int end) {
        char high = text.charAt(at);
        if (Character.isHighSurrogate(high) && at + 1 < end && Character.isLowSurrogate(text.charAt(at + 1))) {
            return Character.toCodePoint(high, text.charAt(at + 1));
        }
        return high;
    }

    private static byte kind(int c) {
        return c < 128 ? ASCII[c] : kindByCategory(c);
    }

    private static byte kindByCategory(int c) {
        return switch (Character.getType(c)) {
            case Character.UPPERCASE_LETTER, Character.LOWERCASE_LETTER, Character.TITLECASE_LETTER,
                 Character.MODIFIER_LETTER, Character.OTHER_LETTER -> LETTER;
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> NUMBER;
            default -> isWhiteSpace(c) ? SPACE : OTHER;
        };
    }

    /// Unicode's property White_Space (25 characters).
    static boolean isWhiteSpace(int c) {
        return c >= 0x09 && c <= 0x0D || c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680
                || c >= 0x2000 && c <= 0x200A || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F
                || c == 0x3000;
    }

    private static byte[] asciiKinds() {
        byte[] kinds = new byte[128];
        for (int c = 0; c < 128; c++) {
            kinds[c] = kindByCategory(c);
        }
        return kinds;
    }
}
