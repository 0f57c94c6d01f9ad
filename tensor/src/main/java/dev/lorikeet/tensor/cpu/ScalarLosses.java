package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.Tensor;

/// Cross-entropy with label smoothing (Szegedy et al., 2016, section 7), of given logits and of `x·wᵀ`.
///
/// For a row `z` of `V` logits with label `t`: `lse = ln Σ exp zⱼ`,
/// `nll = lse − (1 − ε)·z_t − ε·Σzⱼ/V`, `∂nll/∂zⱼ = exp(zⱼ − lse) − (1 − ε)·[j = t] − ε/V`.
final class ScalarLosses {
    private ScalarLosses() {}

    static void crossEntropy(Tensor nll, Tensor lse, Tensor logits, Tensor labels, double smoothing) {
        Elements z = Elements.of(logits);
        double[] row = new double[z.cols()];
        for (int i = 0; i < z.rows(); i++) {
            z.row(i, row);
            loss(nll, lse, labels, i, row, smoothing);
        }
    }

    static void crossEntropyBackward(
            Tensor dlogits, Tensor dnll, Tensor logits, Tensor lse, Tensor labels, double smoothing, double beta) {
        Elements gz = Elements.of(dlogits);
        Elements gl = Elements.of(dnll);
        Elements z = Elements.of(logits);
        Elements l = Elements.of(lse);
        Elements label = Elements.of(labels);
        int V = z.cols();
        for (int i = 0; i < z.rows(); i++) {
            int t = label.index(i);
            double total = 0;
            for (int j = 0; j < V && t >= 0; j++) {
                total += Math.exp(z.get(i, j) - l.get((long) i));
            }
            double exact = l.get((long) i) + Math.log(total);   // lse was rounded, which shows where it is large
            for (int j = 0; j < V; j++) {
                double slope = t < 0 ? 0 : slope(z.get(i, j), exact, j == t, smoothing, V);
                gz.blend(i, j, beta, t < 0 ? 0 : gl.get((long) i) * slope);
            }
        }
    }

    static void linearCrossEntropy(Tensor nll, Tensor lse, Tensor dx, Tensor x, Tensor w, Tensor labels,
            double smoothing, double scale) {
        Elements in = Elements.of(x);
        Elements weight = Elements.of(w);
        Elements gx = dx == null ? null : Elements.of(dx);
        Elements label = Elements.of(labels);
        double[] z = new double[weight.rows()];
        for (int i = 0; i < in.rows(); i++) {
            logits(z, in, i, weight);
            double l = loss(nll, lse, labels, i, z, smoothing);
            for (int j = 0; j < z.length; j++) {
                z[j] = slope(z[j], l, j == label.index(i), smoothing, z.length);
            }
            for (int c = 0; c < in.cols() && gx != null; c++) {
                double sum = 0;
                for (int j = 0; j < z.length && label.index(i) >= 0; j++) {
                    sum += z[j] * weight.get(j, c);
                }
                gx.set(i, c, scale * sum);
            }
        }
    }

    static void linearCrossEntropyWeightBackward(Tensor dw, Tensor factor, Tensor x, Tensor w, Tensor lse,
            Tensor labels, double smoothing, double scale, double beta) {
        Elements gw = Elements.of(dw);
        Elements in = Elements.of(x);
        Elements weight = Elements.of(w);
        Elements l = Elements.of(lse);
        Elements label = Elements.of(labels);
        int V = weight.rows();
        int C = in.cols();
        double[] z = new double[V];
        double[] sums = new double[Math.multiplyExact(V, C)];
        for (int i = 0; i < in.rows(); i++) {
            int t = label.index(i);
            logits(z, in, i, weight);
            for (int j = 0; j < V && t >= 0; j++) {
                double slope = slope(z[j], l.get((long) i), j == t, smoothing, V);
                for (int c = 0; c < C; c++) {
                    sums[j * C + c] += slope * in.get(i, c);
                }
            }
        }
        double common = scale * Elements.of(factor).get(0);
        for (int n = 0; n < sums.length; n++) {
            gw.blend(n / C, n % C, beta, common * sums[n]);
        }
    }

    /// `z ← x[i]·wᵀ`.
    private static void logits(double[] z, Elements x, int i, Elements w) {
        for (int j = 0; j < z.length; j++) {
            double sum = 0;
            for (int c = 0; c < x.cols(); c++) {
                sum += x.get(i, c) * w.get(j, c);
            }
            z[j] = sum;
        }
    }

    /// Writes `nll[i]` and `lse[i]` of the logits `z`, 0 and 0 for a negative label; returns `lse[i]` unrounded.
    private static double loss(Tensor nll, Tensor lse, Tensor labels, int i, double[] z, double smoothing) {
        int label = Elements.of(labels).index(i);
        double largest = Double.NEGATIVE_INFINITY;
        double total = 0;
        for (double value : z) {
            largest = Math.max(largest, value);
            total += value;
        }
        double sum = 0;
        for (double value : z) {
            sum += Math.exp(value - largest);
        }
        double l = largest + Math.log(sum);
        double loss = label < 0 ? 0 : (1 - smoothing) * (l - z[label]) + smoothing * (l - total / z.length);
        Elements.of(nll).set((long) i, loss);
        Elements.of(lse).set((long) i, label < 0 ? 0 : l);
        return l;
    }

    private static double slope(double z, double lse, boolean isLabel, double smoothing, int V) {
        return Math.exp(z - lse) - (isLabel ? 1 - smoothing : 0) - smoothing / V;
    }
}
