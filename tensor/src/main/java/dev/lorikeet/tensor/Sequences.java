package dev.lorikeet.tensor;

import java.util.Arrays;

/// Where the sequences of a ragged batch lie among its rows: sequence `i` owns the rows
/// `[start(i), start(i) + length(i))`.
///
/// Packed sequences ([#of(int...)]) follow each other without a gap, which is what a batch of activations looks like.
/// A key-value cache reserves more rows per sequence than it has filled ([#slots(int[], int[])]). A
/// batch may be padded to a bucket of sizes ([#padded(int[], int, int)]): padding is computed like the rest, but
/// belongs to no text.
public final class Sequences {
    private final int[] starts;
    private final int[] lengths;
    private final int realCount;
    private final int realRows;

    private Sequences(int[] starts, int[] lengths, int realCount, int realRows) {
        this.starts = starts;
        this.lengths = lengths;
        this.realCount = realCount;
        this.realRows = realRows;
    }

    /// Packed sequences of these lengths (each at least 0), the first one starting at row 0.
    public static Sequences of(int... lengths) {
        return padded(lengths, lengths.length, Arrays.stream(lengths).sum());
    }

    /// Packed sequences, the last of which, or the last rows of which, are padding.
    ///
    /// @param realCount how many of them, from the first on, are no padding
    /// @param realRows  how many rows, from the first on, are no padding
    public static Sequences padded(int[] lengths, int realCount, int realRows) {
        int[] starts = new int[lengths.length];
        int next = 0;
        for (int i = 0; i < lengths.length; i++) {
            if (lengths[i] < 0) {
                throw new IllegalArgumentException("sequence %d has length %d".formatted(i, lengths[i]));
            }
            starts[i] = next;
            next = Math.addExact(next, lengths[i]);
        }
        return new Sequences(starts, lengths.clone(), realCount, realRows);
    }

    /// Sequences that start at given rows and need not touch.
    public static Sequences slots(int[] starts, int[] lengths) {
        if (starts.length != lengths.length) {
            throw new IllegalArgumentException("%d starts, %d lengths".formatted(starts.length, lengths.length));
        }
        return new Sequences(starts.clone(), lengths.clone(), starts.length, end(starts, lengths));
    }

    /// Number of sequences.
    public int count() {
        return lengths.length;
    }

    /// First row of sequence `i`.
    public int start(int i) {
        return starts[i];
    }

    /// Number of rows of sequence `i`.
    public int length(int i) {
        return lengths[i];
    }

    /// Number of tokens of all sequences together.
    public int tokens() {
        return Arrays.stream(lengths).sum();
    }

    /// Length of the longest sequence; 0 if there is none.
    public int longest() {
        return Arrays.stream(lengths).max().orElse(0);
    }

    /// One past the last row that any sequence owns.
    public int rows() {
        return end(starts, lengths);
    }

    private static int end(int[] starts, int[] lengths) {
        int rows = 0;
        for (int i = 0; i < lengths.length; i++) {
            rows = Math.max(rows, starts[i] + lengths[i]);
        }
        return rows;
    }

    /// Number of sequences without padding.
    public int realCount() {
        return realCount;
    }

    /// Number of rows without padding: [#rows] where there is none. Random numbers are counted by it, so that padding
    /// changes none.
    public int realRows() {
        return realRows;
    }

    @Override
    public String toString() {
        return "Sequences" + Arrays.toString(lengths);
    }
}
