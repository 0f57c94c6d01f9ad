package dev.lorikeet.models.text;

/// A token that is found in the text by its name, not made by merges.
///
/// @param id         its id
/// @param content    its name, `<mask>`
/// @param lstrip     whether it swallows the white space before it
/// @param rstrip     whether it swallows the white space after it
/// @param singleWord whether it counts only if no word character touches it
/// @param special    whether it is recognised only on request
record AddedToken(int id, String content, boolean lstrip, boolean rstrip, boolean singleWord, boolean special) {
    AddedToken {
        if (id < 0 || content.isEmpty()) {
            throw new IllegalArgumentException("added token '%s' with id %d".formatted(content, id));
        }
    }

    /// Whether it stands at `at`.
    boolean matches(String text, int at) {
        return text.startsWith(content, at)
                && !(singleWord && (isWord(text, at - 1) || isWord(text, at + content.length())));
    }

    /// Where what it swallows begins, at least `from`.
    int start(String text, int at, int from) {
        int start = at;
        while (lstrip && start > from && WordScanner.isWhiteSpace(text.charAt(start - 1))) {
            start--;
        }
        return start;
    }

    /// Where what it swallows ends.
    int end(String text, int at) {
        int end = at + content.length();
        while (rstrip && end < text.length() && WordScanner.isWhiteSpace(text.charAt(end))) {
            end++;
        }
        return end;
    }

    private static boolean isWord(String text, int at) {
        return at >= 0 && at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_');
    }
}
