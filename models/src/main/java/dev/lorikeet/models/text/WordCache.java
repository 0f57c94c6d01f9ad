package dev.lorikeet.models.text;

/// The ids of words met before: a table of fixed size in which a new word replaces the one in its place.
///
/// No lock: an entry is immutable, so a thread sees a whole one or none, and losing a race costs one merge. A hit
/// allocates nothing.
final class WordCache {
    /// Longer words are rare and would make the bound on memory meaningless.
    static final int LONGEST = 64;

    private static final int SLOTS = 1 << 15;

    private record Entry(String word, int[] ids) {
    }

    private final Entry[] entries = new Entry[SLOTS];

    /// The ids of the word `text[from, to)`, which the caller must not change; null if it is not here.
    int[] get(String text, int from, int to) {
        Entry entry = entries[slot(text, from, to)];
        boolean hit = entry != null && entry.word.length() == to - from
                && text.regionMatches(from, entry.word, 0, to - from);
        return hit ? entry.ids : null;
    }

    void put(String word, int[] ids) {
        entries[slot(word, 0, word.length())] = new Entry(word, ids);
    }

    private static int slot(String text, int from, int to) {
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + text.charAt(i);
        }
        return hash * 0x9E3779B9 >>> 17;   // the top 15 bits
    }
}
