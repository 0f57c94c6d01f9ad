package dev.lorikeet.models.hub;

import java.util.Locale;

/// Text from outside made fit for a message.
final class Printable {
    private static final int LONGEST = 200;

    private Printable() {}

    /// Without characters that a terminal would act upon, and cut where it gets long.
    static String printable(String text) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length() && i < LONGEST; i++) {
            char c = text.charAt(i);
            boolean safe = !Character.isISOControl(c) && !Character.isSurrogate(c)
                    && Character.getType(c) != Character.FORMAT;
            plain.append(safe ? String.valueOf(c) : "\\u%04x".formatted((int) c));
        }
        return plain.append(text.length() > LONGEST ? "…" : "").toString();
    }

    /// A number of bytes with its thousands apart.
    static String bytes(long count) {
        return String.format(Locale.ROOT, "%,d bytes", count);
    }
}
