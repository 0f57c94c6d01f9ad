package dev.lorikeet.models.text;

/// UTF-8 to text with one U+FFFD per maximal ill-formed sequence (Unicode 3.9, "substitution of maximal subparts").
///
/// `new String(bytes, UTF_8)` agrees but for encoded surrogates: for `ED A0 80` it gives one replacement character
/// where the standard, Rust and Python give three.
final class Utf8 {
    private static final char REPLACEMENT = '\uFFFD';

    private Utf8() {
    }

    static String decode(byte[] bytes) {
        var text = new StringBuilder(bytes.length);
        int i = 0;
        while (i < bytes.length) {
            int lead = bytes[i] & 0xFF;
            int length = lengthAfter(lead);
            int have = 1;
            while (have < length && i + have < bytes.length && continues(lead, have, bytes[i + have] & 0xFF)) {
                have++;
            }
            if (have == length) {
                text.appendCodePoint(codePoint(bytes, i, length));
            } else {
                text.append(REPLACEMENT);
            }
            i += have;
        }
        return text.toString();
    }

    /// Length of the character that this byte starts; -1 (which no length reaches) if it starts none.
    private static int lengthAfter(int lead) {
        if (lead < 0x80) {
            return 1;
        }
        if (lead < 0xC2 || lead > 0xF4) {
            return -1;
        }
        return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    }

    /// Whether `next` may stand at `position` after `lead`: only the second byte has a range of its own, which excludes
    /// overlong forms, surrogates and what lies beyond U+10FFFF.
    private static boolean continues(int lead, int position, int next) {
        int low = 0x80;
        int high = 0xBF;
        if (position == 1) {
            switch (lead) {
                case 0xE0 -> low = 0xA0;
                case 0xED -> high = 0x9F;
                case 0xF0 -> low = 0x90;
                case 0xF4 -> high = 0x8F;
                default -> { }
            }
        }
        return next >= low && next <= high;
    }

    private static int codePoint(byte[] bytes, int at, int length) {
        int value = length == 1 ? bytes[at] : bytes[at] & (0x7F >> length);
        for (int k = 1; k < length; k++) {
            value = value << 6 | bytes[at + k] & 0x3F;
        }
        return value;
    }
}
