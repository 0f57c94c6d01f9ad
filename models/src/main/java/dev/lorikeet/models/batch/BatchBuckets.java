package dev.lorikeet.models.batch;

import dev.lorikeet.tensor.Sequences;
import java.util.Arrays;
import java.util.stream.IntStream;

/// How far a ragged batch is filled up, so that those of a training run have few shapes and a device is asked for the
/// same again and again ([dev.lorikeet.tensor.Backend#capturesGraphs]).
///
/// Rows, and labels with them, become a multiple of a [step][#step]: a sixteenth of the power of two below the number
/// of rows, though no less than [#TILE] rows where that is no more than an eighth. So less than an eighth of a batch's
/// rows fill it up, for more than 512 rows less than a sixteenth, and half of that on average. They form sequences of
/// their own, an eighth as many as the batch has, none of which is longer than the batch's own are on average. Number
/// and lengths of sequences are otherwise left to what is uploaded; of the lengths only the class matters.
final class BatchBuckets {
    /// Rows that a matrix product computes at once at least: fewer cost a device about the same.
    private static final int TILE = 32;
    /// Lengths of sequences from which on other kernels are asked for: see `Attention.LONGEST_WITHOUT_OUTPUT` of
    /// `autograd.op`, and `DecodeAttention` of `cuda`.
    private static final int[] LIMITS = {1, 128, 192};

    private BatchBuckets() {}

    /// Of which the numbers of rows and labels become multiples.
    static int step(int rows) {
        int power = Integer.highestOneBit(Math.max(1, rows - 1));
        return Math.max(1, Math.max(power / 16, Math.min(TILE, power / 8)));
    }

    /// `number` as a multiple of `step`.
    static int up(int number, int step) {
        return Math.ceilDiv(number, step) * step;
    }

    /// `own` and the sequences that fill them up to `rows` rows.
    static Sequences sequences(Sequences own, int rows) {
        int more = Math.ceilDiv(own.count(), 8);
        int[] lengths = Arrays.copyOf(
                IntStream.range(0, own.count()).map(own::length).toArray(), own.count() + more);
        int left = rows - own.tokens();
        for (int i = 0; i < more; i++) {
            lengths[own.count() + i] = Math.ceilDiv(left, more - i);
            left -= lengths[own.count() + i];
        }
        return Sequences.padded(lengths, own.count(), own.tokens());
    }

    /// Which kernels a length asks for.
    static int lengthClass(int longest) {
        return (int) Arrays.stream(LIMITS).filter(limit -> longest > limit).count();
    }
}
