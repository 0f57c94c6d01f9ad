package dev.lorikeet.models.data;

import java.util.Arrays;

/// One sequence to train on: `ids`, of which those from `promptLength` on are to be predicted.
///
/// The model is fed `ids[0 … n−2]`; its row `t` shall predict `ids[t + 1]`, and that prediction counts if
/// `t + 1 ≥ promptLength`. So an example of n ids gives n − 1 rows ([#rows]), and the first id is never predicted.
/// There is always at least one prediction that counts.
///
/// @param ids          token ids, at least 2
/// @param promptLength how many of them are given, 0 ≤ promptLength < ids.length
public record Example(int[] ids, int promptLength) {
    /// Copies `ids`; refuses an example without anything to learn.
    public Example {
        if (ids.length < 2 || promptLength < 0 || promptLength >= ids.length) {
            throw new IllegalArgumentException("an example needs 2 ids or more and a label: %d ids, prompt of %d"
                    .formatted(ids.length, promptLength));
        }
        ids = ids.clone();
    }

    /// A copy of the ids.
    @Override
    public int[] ids() {
        return ids.clone();
    }

    /// Number of ids.
    public int length() {
        return ids.length;
    }

    /// Number of rows that the model computes: `length() − 1`.
    public int rows() {
        return ids.length - 1;
    }

    /// Number of rows whose prediction counts.
    public int labels() {
        return ids.length - Math.max(1, promptLength);
    }

    /// The first `length` ids, if a label is left among them: `promptLength < length ≤ length()`.
    Example first(int length) {
        return new Example(Arrays.copyOf(ids, length), promptLength);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Example that && promptLength == that.promptLength && Arrays.equals(ids, that.ids);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(ids) + promptLength;
    }

    @Override
    public String toString() {
        return "Example[%d ids, prompt of %d]".formatted(ids.length, promptLength);
    }
}
