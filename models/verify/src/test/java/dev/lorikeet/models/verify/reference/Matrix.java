package dev.lorikeet.models.verify.reference;

import java.util.Arrays;

/// A matrix of doubles and the gradient of a loss by it. A vector is one row.
///
/// @param v elements row after row
/// @param d the gradient, likewise
record Matrix(int rows, int cols, double[] v, double[] d) {
    static Matrix zeros(int rows, int cols) {
        return new Matrix(rows, cols, new double[rows * cols], new double[rows * cols]);
    }

    static Matrix of(int rows, int cols, double[] values) {
        if (values.length != rows * cols) {
            throw new IllegalArgumentException("%d numbers for %d x %d".formatted(values.length, rows, cols));
        }
        return new Matrix(rows, cols, values, new double[values.length]);
    }

    /// The same numbers in memory of their own.
    Matrix copy() {
        return of(rows, cols, v.clone());
    }

    double at(int i, int j) {
        return v[i * cols + j];
    }

    void clearGradient() {
        Arrays.fill(d, 0);
    }
}
