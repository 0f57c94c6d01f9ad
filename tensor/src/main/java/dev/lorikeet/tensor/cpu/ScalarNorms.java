package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.Tensor;

/// Layer normalisation (Ba, Kiros and Hinton, 2016, section 3) and softmax, forward and backward together.
final class ScalarNorms {
    private ScalarNorms() {}

    static void layerNorm(
            Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor weight, Tensor bias, double eps) {
        Elements out = Elements.of(y);
        Elements in = Elements.of(x);
        Elements means = Elements.of(mean);
        Elements rstds = Elements.of(rstd);
        Elements w = weight == null ? null : Elements.of(weight);
        Elements b = bias == null ? null : Elements.of(bias);
        int C = in.cols();
        for (int i = 0; i < in.rows(); i++) {
            double m = 0;
            for (int j = 0; j < C; j++) {
                m += in.get(i, j) / C;
            }
            double variance = 0;   // of the differences: E[x²] − E[x]² would cancel
            for (int j = 0; j < C; j++) {
                variance += (in.get(i, j) - m) * (in.get(i, j) - m) / C;
            }
            double r = 1 / Math.sqrt(variance + eps);
            means.set((long) i, m);
            rstds.set((long) i, r);
            for (int j = 0; j < C; j++) {
                double normal = (in.get(i, j) - m) * r;
                out.set(i, j, normal * (w == null ? 1 : w.get(j)) + (b == null ? 0 : b.get(j)));
            }
        }
    }

    static void layerNormBackward(
            Tensor dx, Tensor dy, Tensor x, Tensor mean, Tensor rstd, Tensor weight, double beta) {
        Elements gx = Elements.of(dx);
        Elements gy = Elements.of(dy);
        Elements in = Elements.of(x);
        Elements means = Elements.of(mean);
        Elements rstds = Elements.of(rstd);
        Elements w = weight == null ? null : Elements.of(weight);
        int C = in.cols();
        for (int i = 0; i < in.rows(); i++) {
            double m = means.get((long) i);
            double r = rstds.get((long) i);
            double meanG = 0;
            double meanGNormal = 0;
            for (int j = 0; j < C; j++) {
                double g = gy.get(i, j) * (w == null ? 1 : w.get(j));
                meanG += g / C;
                meanGNormal += g * (in.get(i, j) - m) * r / C;
            }
            for (int j = 0; j < C; j++) {
                double g = gy.get(i, j) * (w == null ? 1 : w.get(j));
                double normal = (in.get(i, j) - m) * r;
                gx.blend(i, j, beta, r * (g - meanG - normal * meanGNormal));
            }
        }
    }

    static void layerNormWeightBackward(
            Tensor dweight, Tensor dy, Tensor x, Tensor mean, Tensor rstd, double beta) {
        Elements gw = Elements.of(dweight);
        Elements gy = Elements.of(dy);
        Elements in = Elements.of(x);
        Elements means = Elements.of(mean);
        Elements rstds = Elements.of(rstd);
        for (int j = 0; j < in.cols(); j++) {
            double sum = 0;
            for (int i = 0; i < in.rows(); i++) {
                sum += gy.get(i, j) * (in.get(i, j) - means.get((long) i)) * rstds.get((long) i);
            }
            gw.blend(0, j, beta, sum);
        }
    }

    static void softmax(Tensor y, Tensor x, int visible) {
        Elements out = Elements.of(y);
        Elements in = Elements.of(x);
        for (int i = 0; i < in.rows(); i++) {
            int seen = Math.clamp((long) i + visible + 1, 0, in.cols());
            double lse = logSumExp(in, i, seen);
            for (int j = 0; j < in.cols(); j++) {
                out.set(i, j, j < seen ? Math.exp(in.get(i, j) - lse) : 0);
            }
        }
    }

    static void softmaxBackward(Tensor dx, Tensor dy, Tensor y, double beta) {
        Elements gx = Elements.of(dx);
        Elements gy = Elements.of(dy);
        Elements out = Elements.of(y);
        for (int i = 0; i < out.rows(); i++) {
            double dot = 0;
            for (int j = 0; j < out.cols(); j++) {
                dot += gy.get(i, j) * out.get(i, j);
            }
            for (int j = 0; j < out.cols(); j++) {
                gx.blend(i, j, beta, out.get(i, j) * (gy.get(i, j) - dot));
            }
        }
    }

    /// `ln Σⱼ exp x[row, j]` over the first `cols` columns, the largest taken out so that nothing overflows; −∞ if
    /// there is none.
    static double logSumExp(Elements x, int row, int cols) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < cols; j++) {
            largest = Math.max(largest, x.get(row, j));
        }
        double sum = 0;
        for (int j = 0; j < cols; j++) {
            sum += Math.exp(x.get(row, j) - largest);
        }
        return largest + Math.log(sum);
    }
}
