package dev.lorikeet.lora;

import java.util.Arrays;
import java.util.Comparator;

/// The singular value decomposition of a small or tall matrix, `M = U·diag(σ)·Vᵀ`, in double: one-sided Jacobi
/// rotations (Hestenes 1958), which make the columns of `M·V` orthogonal; their norms are the singular values.
///
/// @param u      `(rows, cols)`: left singular vectors in its columns; zeros where σ is 0
/// @param values σ, the largest first
/// @param v      `(cols, cols)`: right singular vectors in its columns
record SingularValues(double[][] u, double[] values, double[][] v) {
    private static final int SWEEPS = 60;

    /// Two columns are orthogonal if their cosine is at most this.
    private static final double ORTHOGONAL = 1e-15;

    /// @param matrix rows of equal length; not changed
    static SingularValues of(double[][] matrix) {
        int rows = matrix.length;
        int cols = rows == 0 ? 0 : matrix[0].length;
        double[][] m = columns(matrix, rows, cols);                       // columns, so that each is a run of memory
        double[][] v = new double[cols][cols];
        for (int j = 0; j < cols; j++) {
            v[j][j] = 1;
        }
        boolean turned = true;
        for (int sweep = 0; turned && sweep < SWEEPS; sweep++) {
            turned = false;
            for (int p = 0; p < cols - 1; p++) {
                for (int q = p + 1; q < cols; q++) {
                    turned |= rotate(m[p], m[q], v[p], v[q]);
                }
            }
        }
        return sorted(m, v, rows, cols);
    }

    /// Makes columns p and q orthogonal; false if they are already.
    private static boolean rotate(double[] mp, double[] mq, double[] vp, double[] vq) {
        double pp = dot(mp, mp);
        double qq = dot(mq, mq);
        double pq = dot(mp, mq);
        if (pq == 0 || Math.abs(pq) <= ORTHOGONAL * Math.sqrt(pp * qq)) {
            return false;
        }
        double zeta = (qq - pp) / (2 * pq);
        double t = Math.copySign(1, zeta) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
        double c = 1 / Math.sqrt(1 + t * t);
        turn(mp, mq, c, c * t);
        turn(vp, vq, c, c * t);
        return true;
    }

    private static void turn(double[] p, double[] q, double c, double s) {
        for (int i = 0; i < p.length; i++) {
            double old = p[i];
            p[i] = c * old - s * q[i];
            q[i] = s * old + c * q[i];
        }
    }

    private static SingularValues sorted(double[][] m, double[][] v, int rows, int cols) {
        double[] norms = Arrays.stream(m).mapToDouble(column -> Math.sqrt(dot(column, column))).toArray();
        Integer[] order = new Integer[cols];
        Arrays.setAll(order, j -> j);
        Arrays.sort(order, Comparator.comparingDouble(j -> -norms[j]));
        double[][] u = new double[rows][cols];
        double[][] right = new double[cols][cols];
        double[] values = new double[cols];
        for (int k = 0; k < cols; k++) {
            int from = order[k];
            values[k] = norms[from];
            for (int i = 0; i < rows && values[k] > 0; i++) {
                u[i][k] = m[from][i] / values[k];
            }
            for (int i = 0; i < cols; i++) {
                right[i][k] = v[from][i];
            }
        }
        return new SingularValues(u, values, right);
    }

    private static double[][] columns(double[][] matrix, int rows, int cols) {
        double[][] columns = new double[cols][rows];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < cols; j++) {
                columns[j][i] = matrix[i][j];
            }
        }
        return columns;
    }

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
