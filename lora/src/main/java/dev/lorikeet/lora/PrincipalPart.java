package dev.lorikeet.lora;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// The r largest singular values of a matrix with their vectors, `W ≈ U·diag(σ)·Vᵀ`.
///
/// Golub–Kahan–Lanczos bidiagonalisation (Golub & Kahan 1965), every vector orthogonalised against all before it, goes
/// on until the residuals of the r largest are negligible, at the latest until the space is exhausted. Of equal
/// singular values it may return any.
///
/// @param left   r vectors with as many elements as W has rows
/// @param values σ, the largest first
/// @param right  r vectors with as many elements as W has columns
record PrincipalPart(double[][] left, double[] values, double[][] right) {
    /// Residual of a singular triplet, relative to the largest singular value.
    private static final double TOLERANCE = 1e-10;
    private static final long SEED = 0x5E5A;

    /// @param w rows of equal length, at least `r` of both
    static PrincipalPart of(double[][] w, int r) {
        boolean zero = Arrays.stream(w).allMatch(row -> Arrays.stream(row).allMatch(value -> value == 0));
        if (zero) {
            return new PrincipalPart(new double[r][w.length], new double[r], new double[r][w[0].length]);
        }
        if (w.length < w[0].length) {       // the vectors on the right have to be able to span the whole space
            PrincipalPart transposed = new Lanczos(transposed(w)).largest(r);
            return new PrincipalPart(transposed.right, transposed.values, transposed.left);
        }
        return new Lanczos(w).largest(r);
    }

    private static double[][] transposed(double[][] w) {
        double[][] transposed = new double[w[0].length][w.length];
        for (int i = 0; i < w.length; i++) {
            for (int j = 0; j < w[0].length; j++) {
                transposed[j][i] = w[i][j];
            }
        }
        return transposed;
    }

    /// The basis `w·right = left·B`, B upper bidiagonal with `alpha` on its diagonal and `beta` above it.
    private static final class Lanczos {
        private final double[][] w;
        private final int rows;
        private final int cols;
        private final List<double[]> left = new ArrayList<>();
        private final List<double[]> right = new ArrayList<>();
        private final List<Double> alpha = new ArrayList<>();
        private final List<Double> beta = new ArrayList<>();
        private final SplittableRandom random = new SplittableRandom(SEED);
        private double residual;

        Lanczos(double[][] w) {
            this.w = w;
            this.rows = w.length;
            this.cols = w[0].length;
        }

        PrincipalPart largest(int r) {
            int limit = cols;
            int size = Math.min(limit, 4 * r + 32);
            double[] next = unit(new double[cols], right);
            while (true) {
                while (left.size() < size) {
                    next = extend(next);
                }
                SingularValues small = SingularValues.of(bidiagonal());
                if (size == limit || converged(small, r)) {
                    return new PrincipalPart(
                            combine(left, small.u(), r, rows), firstOf(small.values(), r),
                            combine(right, small.v(), r, cols));
                }
                size = Math.min(limit, 2 * size);
            }
        }

        /// One more vector on each side; returns the next one on the right.
        private double[] extend(double[] v) {
            right.add(v);
            double[] u = new double[rows];
            for (int i = 0; i < rows; i++) {
                u[i] = SingularValues.dot(w[i], v);
            }
            double length = orthogonalise(u, left);
            alpha.add(length);
            left.add(length == 0 ? unit(u, left) : scaled(u, length));
            double[] z = new double[cols];
            double[] last = left.getLast();
            for (int i = 0; i < rows; i++) {
                double factor = last[i];
                double[] row = w[i];
                for (int j = 0; j < cols; j++) {
                    z[j] += factor * row[j];
                }
            }
            residual = orthogonalise(z, right);
            beta.add(residual);
            return residual == 0 ? unit(z, right) : scaled(z, residual);
        }

        private double[][] bidiagonal() {
            int n = alpha.size();
            double[][] b = new double[n][n];
            for (int i = 0; i < n; i++) {
                b[i][i] = alpha.get(i);
                if (i + 1 < n) {
                    b[i][i + 1] = beta.get(i);
                }
            }
            return b;
        }

        /// `‖Wᵀu − σv‖` of a triplet is the last `beta` times the last element of its left vector.
        private boolean converged(SingularValues small, int r) {
            double[] last = small.u()[small.u().length - 1];
            for (int k = 0; k < r; k++) {
                if (Math.abs(residual * last[k]) > TOLERANCE * small.values()[0]) {
                    return false;
                }
            }
            return true;
        }

        /// Takes what `basis` spans out of `x`, twice for full precision; returns the length that is left, 0 if it is
        /// rounding only.
        private static double orthogonalise(double[] x, List<double[]> basis) {
            double before = Math.sqrt(SingularValues.dot(x, x));
            for (int pass = 0; pass < 2; pass++) {
                for (double[] b : basis) {
                    double along = SingularValues.dot(x, b);
                    for (int i = 0; i < x.length; i++) {
                        x[i] -= along * b[i];
                    }
                }
            }
            double after = Math.sqrt(SingularValues.dot(x, x));
            return after <= 1e-13 * before ? 0 : after;
        }

        /// A random direction that `basis` does not have, in `x`; zeros if it has them all.
        private double[] unit(double[] x, List<double[]> basis) {
            for (int i = 0; i < x.length; i++) {
                x[i] = random.nextGaussian();
            }
            double length = basis.size() < x.length ? orthogonalise(x, basis) : 0;
            return length == 0 ? new double[x.length] : scaled(x, length);
        }

        private static double[] scaled(double[] x, double length) {
            for (int i = 0; i < x.length; i++) {
                x[i] /= length;
            }
            return x;
        }

        /// The first r columns of `basis·coefficients`.
        private static double[][] combine(List<double[]> basis, double[][] coefficients, int r, int length) {
            double[][] vectors = new double[r][length];
            for (int b = 0; b < basis.size(); b++) {
                double[] vector = basis.get(b);
                for (int k = 0; k < r; k++) {
                    double factor = coefficients[b][k];
                    for (int i = 0; i < length; i++) {
                        vectors[k][i] += factor * vector[i];
                    }
                }
            }
            return vectors;
        }

        private static double[] firstOf(double[] values, int r) {
            return Arrays.copyOf(values, r);
        }
    }
}
