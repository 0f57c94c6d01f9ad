package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.Tensor;

/// Sums, the largest of a row, and matrix products, which are sums too.
final class ScalarReductions {
    private ScalarReductions() {}

    static void sum(Tensor dst, Tensor src, double alpha) {
        Elements s = Elements.of(src);
        double sum = 0;
        for (int i = 0; i < s.rows(); i++) {
            for (int j = 0; j < s.cols(); j++) {
                sum += s.get(i, j);
            }
        }
        Elements.of(dst).set(0, alpha * sum);
    }

    static void sumRows(Tensor dst, Tensor src, double beta) {
        Elements d = Elements.of(dst);
        Elements s = Elements.of(src);
        for (int j = 0; j < s.cols(); j++) {
            double sum = 0;
            for (int i = 0; i < s.rows(); i++) {
                sum += s.get(i, j);
            }
            d.blend(0, j, beta, sum);
        }
    }

    static double sumOfSquares(Tensor src) {
        Elements s = Elements.of(src);
        double sum = 0;
        for (int i = 0; i < s.rows(); i++) {
            for (int j = 0; j < s.cols(); j++) {
                sum += s.get(i, j) * s.get(i, j);
            }
        }
        return sum;
    }

    static void argmaxRows(Tensor dst, Tensor src) {
        Elements d = Elements.of(dst);
        Elements s = Elements.of(src);
        for (int i = 0; i < s.rows(); i++) {
            int best = 0;
            for (int j = 1; j < s.cols(); j++) {
                if (s.get(i, j) > s.get(i, best)) {
                    best = j;
                }
            }
            d.set((long) i, best);
        }
    }

    static void gemm(
            Tensor c, Tensor a, boolean transposeA, Tensor b, boolean transposeB, double alpha, double beta) {
        Elements out = Elements.of(c);
        Elements left = Elements.of(a, transposeA);    // (M, K)
        Elements right = Elements.of(b, transposeB);   // (K, N)
        double[][] rows = new double[left.rows()][left.cols()];   // of doubles: M·N reads of each would take their time
        double[] column = new double[right.rows()];
        for (int i = 0; i < left.rows(); i++) {
            left.row(i, rows[i]);
        }
        for (int j = 0; j < out.cols(); j++) {
            right.column(j, column);
            for (int i = 0; i < out.rows(); i++) {
                out.blend(i, j, beta, alpha * dot(rows[i], column));
            }
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
            sum += a[k] * b[k];
        }
        return sum;
    }
}
