package dev.lorikeet.models.text;

import java.util.Arrays;

/// The merges in the order of their rank: pair of ids → rank, rank → id of the merged token. An open-addressing table
/// of primitives, since encoding asks it several times per byte.
final class MergeTable {
    /// Rank of a pair that is never merged.
    static final int NONE = Integer.MAX_VALUE;

    private static final long FREE = -1;

    private final long[] keys;
    private final int[] ranks;
    private final int[] results;
    private final int shift;
    private int size;

    MergeTable(int merges) {
        int bits = Math.max(4, 33 - Integer.numberOfLeadingZeros(Math.max(1, merges)));   // at most half full
        keys = new long[1 << bits];
        ranks = new int[1 << bits];
        results = new int[merges];
        shift = 64 - bits;
        Arrays.fill(keys, FREE);
    }

    /// Appends the next merge. A pair that is listed twice keeps its last rank, as in the Python original.
    void add(int left, int right, int result) {
        int slot = slot(key(left, right));
        keys[slot] = key(left, right);
        ranks[slot] = size;
        results[size++] = result;
    }

    /// Rank of the pair, the lowest being merged first; [#NONE] if it is not to be merged.
    int rank(int left, int right) {
        int slot = slot(key(left, right));
        return keys[slot] == FREE ? NONE : ranks[slot];
    }

    /// Id that the merge of this rank makes.
    int result(int rank) {
        return results[rank];
    }

    private static long key(int left, int right) {
        return (long) left << 32 | right;
    }

    private int slot(long key) {
        int slot = (int) (key * 0x9E3779B97F4A7C15L >>> shift);
        while (keys[slot] != FREE && keys[slot] != key) {
            slot = slot + 1 & keys.length - 1;
        }
        return slot;
    }
}
