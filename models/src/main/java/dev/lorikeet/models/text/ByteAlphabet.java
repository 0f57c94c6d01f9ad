package dev.lorikeet.models.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// How GPT-2's files write bytes as visible characters: a byte that is a printable Latin-1 character stands for itself,
/// the other 68 get U+0100, U+0101, … in the order of their values. So a blank is written `Ġ` and a line feed `Ċ`.
final class ByteAlphabet {
    private final char[] charOf = new char[256];
    private final int[] byteOf = new int[256 + 68];

    ByteAlphabet() {
        Arrays.fill(byteOf, -1);
        int next = 256;
        for (int b = 0; b < 256; b++) {
            boolean printable = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
            charOf[b] = (char) (printable ? b : next++);
            byteOf[charOf[b]] = b;
        }
    }

    /// The character that stands for byte `b` (0..255).
    char charOf(int b) {
        return charOf[b];
    }

    /// The bytes that a token stands for. A token with a character outside the alphabet is not made of bytes (somebody
    /// added it by name) and stands for its own UTF-8 form.
    byte[] bytesOf(String token) {
        byte[] bytes = new byte[token.length()];
        for (int i = 0; i < bytes.length; i++) {
            char c = token.charAt(i);
            if (c >= byteOf.length || byteOf[c] < 0) {
                return token.getBytes(StandardCharsets.UTF_8);
            }
            bytes[i] = (byte) byteOf[c];
        }
        return bytes;
    }
}
