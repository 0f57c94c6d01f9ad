package dev.lorikeet.models.verify.golden;

import dev.lorikeet.tensor.Shape;

/// The numbers of one stored tensor.
///
/// @param entry  what the manifest says about it
/// @param values elements row after row; integers up to 2⁵³ are exact
public record Golden(TensorEntry entry, double[] values) {
    public Shape shape() {
        return entry.shape();
    }

    /// The elements as integers.
    public int[] ints() {
        int[] ints = new int[values.length];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = Math.toIntExact((long) values[i]);
        }
        return ints;
    }

    /// The elements as conditions: true where not 0.
    public boolean[] flags() {
        boolean[] flags = new boolean[values.length];
        for (int i = 0; i < flags.length; i++) {
            flags[i] = values[i] != 0;
        }
        return flags;
    }

    /// Row `i` of an integer matrix.
    public int[] row(int i) {
        int cols = shape().cols();
        int[] row = new int[cols];
        for (int j = 0; j < cols; j++) {
            row[j] = Math.toIntExact((long) values[i * cols + j]);
        }
        return row;
    }
}
