package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.Tensor;
import jdk.incubator.vector.DoubleVector;

/// Sums over many rows. All are taken in double, in an order that the shape alone decides.
final class VectorReductions {
    /// Columns of one part of a sum over rows: four vectors of doubles, on most machines a cache line of floats.
    static final int COLUMNS = 4 * Lanes.D_LANES;

    /// Elements of a run that is summed by itself.
    static final int RUN = 8192;

    private VectorReductions() {}

    /// `dst[c] ← beta·dst[c] + Σᵢ src[i, c]` for the columns of part `part`.
    static void sumRows(Tensor dst, Tensor src, float beta, int part) {
        int from = part * COLUMNS;
        int to = Math.min(src.cols(), from + COLUMNS);
        long out = dst.address() + 4L * from;
        if (to - from == COLUMNS) {
            sumColumns(out, Lanes.at(src, 0, from), 4L * src.rowStride(), src.rows(), beta);
            return;
        }
        for (int col = from; col < to; col++, out += 4) {
            double sum = 0;
            for (int row = 0; row < src.rows(); row++) {
                sum += Lanes.get(Lanes.at(src, row, col));
            }
            put(out, sum, beta);
        }
    }

    private static void sumColumns(long dst, long src, long stride, int rows, float beta) {
        DoubleVector a = DoubleVector.zero(Lanes.D);
        DoubleVector b = a;
        DoubleVector c = a;
        DoubleVector d = a;
        long step = 4L * Lanes.D_LANES;
        for (int row = 0; row < rows; row++, src += stride) {
            a = a.add(Lanes.widen(src));
            b = b.add(Lanes.widen(src + step));
            c = c.add(Lanes.widen(src + 2 * step));
            d = d.add(Lanes.widen(src + 3 * step));
        }
        put(dst, a, beta);
        put(dst + step, b, beta);
        put(dst + 2 * step, c, beta);
        put(dst + 3 * step, d, beta);
    }

    /// `dst[c] ← beta·dst[c] + Σᵢ dy[i, c]·(x[i, c] − mean[i])·rstd[i]` for the columns of part `part`.
    static void layerNormWeightBackward(
            Tensor dst, Tensor dy, Tensor x, Tensor mean, Tensor rstd, float beta, int part) {
        int from = part * COLUMNS;
        int to = Math.min(x.cols(), from + COLUMNS);
        for (int col = from; col < to; col += Lanes.D_LANES) {
            long out = dst.address() + 4L * col;
            if (to - col >= Lanes.D_LANES) {
                sumNormal(out, Lanes.at(dy, 0, col), 4L * dy.rowStride(), Lanes.at(x, 0, col), 4L * x.rowStride(),
                        mean.address(), rstd.address(), x.rows(), beta);
            } else {
                for (int rest = col; rest < to; rest++, out += 4) {
                    put(out, sumNormal(dy, x, mean.address(), rstd.address(), rest), beta);
                }
            }
        }
    }

    private static void sumNormal(
            long dst, long dy, long dyStride, long x, long xStride, long mean, long rstd, int rows, float beta) {
        DoubleVector sum = DoubleVector.zero(Lanes.D);
        for (int row = 0; row < rows; row++, dy += dyStride, x += xStride, mean += 4, rstd += 4) {
            DoubleVector normal = Lanes.widen(x).sub(Lanes.get(mean)).mul(Lanes.get(rstd));
            sum = Lanes.widen(dy).fma(normal, sum);
        }
        put(dst, sum, beta);
    }

    private static double sumNormal(Tensor dy, Tensor x, long mean, long rstd, int col) {
        double sum = 0;
        for (int row = 0; row < x.rows(); row++) {
            double normal = ((double) Lanes.get(Lanes.at(x, row, col)) - Lanes.get(mean + 4L * row))
                    * Lanes.get(rstd + 4L * row);
            sum += Lanes.get(Lanes.at(dy, row, col)) * normal;
        }
        return sum;
    }

    private static void put(long dst, DoubleVector sums, float beta) {
        for (int lane = 0; lane < Lanes.D_LANES; lane++) {
            put(dst + 4L * lane, sums.lane(lane), beta);
        }
    }

    private static void put(long dst, double sum, float beta) {
        Lanes.set(dst, (float) (beta == 0 ? sum : (double) beta * Lanes.get(dst) + sum));
    }
}
