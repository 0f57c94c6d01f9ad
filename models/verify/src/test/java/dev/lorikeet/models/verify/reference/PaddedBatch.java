package dev.lorikeet.models.verify.reference;

import java.util.Arrays;

/// Texts as transformers batches them: one length, with a mask.
///
/// @param ids    `(B, T)`
/// @param mask   `(B, T)`, true where others may attend
/// @param labels `(B·T)` tokens or `(B)` classes, −100 for none; `(B)` numbers for regression
record PaddedBatch(int[][] ids, boolean[][] mask, double[] labels) {
    int count() {
        return ids.length;
    }

    int length() {
        return ids[0].length;
    }

    /// All ids, row after row.
    int[] flat() {
        return Arrays.stream(ids).flatMapToInt(Arrays::stream).toArray();
    }

    int[] classes() {
        return Arrays.stream(labels).mapToInt(label -> (int) label).toArray();
    }

    /// What each place of a text may attend to.
    boolean[][] sees(int text, boolean causal) {
        boolean[][] sees = new boolean[length()][length()];
        for (int t = 0; t < length(); t++) {
            for (int k = 0; k < length(); k++) {
                sees[t][k] = mask[text][k] && (!causal || k <= t);
            }
        }
        return sees;
    }

    /// Whether a place sees nothing at all, so that its result is not defined.
    boolean isBlind(int text, int place, boolean causal) {
        boolean[] sees = sees(text, causal)[place];
        for (boolean visible : sees) {
            if (visible) {
                return false;
            }
        }
        return true;
    }
}
