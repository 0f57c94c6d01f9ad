package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.Lanes.ADDRESS;
import static dev.lorikeet.tensor.cpu.Lanes.ALL;
import static dev.lorikeet.tensor.cpu.Lanes.F;
import static dev.lorikeet.tensor.cpu.Lanes.LANES;
import static dev.lorikeet.tensor.cpu.Lanes.ORDER;
import static dev.lorikeet.tensor.cpu.Lanes.STEP;
import static dev.lorikeet.tensor.cpu.Lanes.load;
import static dev.lorikeet.tensor.cpu.Lanes.store;

import dev.lorikeet.tensor.Tensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Cross-entropy of one row of logits `z (V)`: its loss, its gradient, or both with a single exponential per logit.
/// The formulas stand in [dev.lorikeet.tensor.Kernels#crossEntropy].
final class VectorLosses {
    private VectorLosses() {}

    /// Rows `from … to − 1` of the losses.
    static void crossEntropy(
            Tensor nll, Tensor lse, Tensor logits, Tensor labels, double smoothing, int from, int to) {
        int V = logits.cols();
        for (int row = from; row < to; row++) {
            int label = Lanes.getInt(labels.address() + 4L * row);
            long z = Lanes.at(logits, row, 0);
            long loss = nll.address() + 4L * row;
            long denominator = lse.address() + 4L * row;
            if (label < 0) {
                Lanes.set(loss, 0);
                Lanes.set(denominator, 0);
            } else {
                loss(z, V, label, smoothing, loss, denominator);
            }
        }
    }

    /// Rows `from … to − 1` of the gradient.
    static void crossEntropyBackward(Tensor dlogits, Tensor dnll, Tensor logits, Tensor lse, Tensor labels,
            double smoothing, float beta, int from, int to) {
        int V = logits.cols();
        for (int row = from; row < to; row++) {
            int label = Lanes.getInt(labels.address() + 4L * row);
            long out = Lanes.at(dlogits, row, 0);
            if (label < 0) {
                VectorElementwise.scaleInPlace(out, beta, V);
                continue;
            }
            float g = Lanes.get(dnll.address() + 4L * row);
            float l = Lanes.get(lse.address() + 4L * row);
            long z = Lanes.at(logits, row, 0);
            // the last bit of a large lse is coarse: with it as the shift, the sum is only nearly 1
            double sum = VectorRows.sumExp(z, V, l);
            double slope = Math.exp(Lanes.get(z + 4L * label) - l) / sum - (1 - smoothing) - smoothing / V;
            double atLabel = g * slope + (beta == 0 ? 0 : (double) beta * Lanes.get(out + 4L * label));
            slopes(out, z, l, (float) (g / sum), (float) (-g * smoothing / V), beta, V);
            Lanes.set(out + 4L * label, (float) atLabel);
        }
    }

    /// The loss of a row; writes `nll` and `lse`.
    static void loss(long z, int V, int label, double smoothing, long nll, long lse) {
        float largest = VectorRows.max(z, V);
        double mean = smoothing == 0 ? 0 : VectorRows.doubleSum(z, V) / V;
        double l = largest + Math.log(VectorRows.sumExp(z, V, largest));
        Lanes.set(nll, (float) ((1 - smoothing) * (l - Lanes.get(z + 4L * label)) + smoothing * (l - mean)));
        Lanes.set(lse, (float) l);
    }

    /// The loss of a row whose logits become `∂nll/∂z` in place; writes `nll` and `lse`.
    static void lossAndGradient(long z, int V, int label, double smoothing, long nll, long lse) {
        float largest = VectorRows.max(z, V);
        float atLabel = Lanes.get(z + 4L * label);
        double mean = smoothing == 0 ? 0 : VectorRows.doubleSum(z, V) / V;
        double sum = VectorRows.exp(z, z, V, largest);
        double l = largest + Math.log(sum);
        Lanes.set(nll, (float) ((1 - smoothing) * (l - atLabel) + smoothing * (l - mean)));
        Lanes.set(lse, (float) l);
        scaleShift(z, (float) (1 / sum), (float) (-smoothing / V), V);
        addAt(z, label, smoothing - 1);
    }

    /// `z ← ∂nll/∂z` in place, from the row's known `lse`.
    static void gradient(long z, int V, int label, double smoothing, float lse) {
        slopes(z, z, lse, 1, (float) (-smoothing / V), 0, V);
        addAt(z, label, smoothing - 1);
    }

    /// `dz ← beta·dz + g·exp(z − lse) + shift`.
    private static void slopes(long dz, long z, float lse, float g, float shift, float beta, int n) {
        FloatVector factor = FloatVector.broadcast(F, g);
        FloatVector offset = FloatVector.broadcast(F, shift);
        FloatVector keep = FloatVector.broadcast(F, beta);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, dz += STEP, z += STEP) {
            FloatVector shifted = FloatVector.fromMemorySegment(F, ALL, z & ADDRESS, ORDER).sub(lse);
            FloatVector slope = VectorMath.expOfNegative(shifted).fma(factor, offset);
            if (beta != 0) {
                slope = FloatVector.fromMemorySegment(F, ALL, dz & ADDRESS, ORDER).fma(keep, slope);
            }
            slope.intoMemorySegment(ALL, dz & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            FloatVector slope = VectorMath.expOfNegative(load(z, rest).sub(lse)).fma(factor, offset);
            store(beta == 0 ? slope : load(dz, rest).fma(keep, slope), dz, rest);
        }
    }

    private static void scaleShift(long z, float factor, float shift, int n) {
        FloatVector a = FloatVector.broadcast(F, factor);
        FloatVector b = FloatVector.broadcast(F, shift);
        int i = 0;
        for (; i < F.loopBound(n); i += LANES, z += STEP) {
            FloatVector.fromMemorySegment(F, ALL, z & ADDRESS, ORDER).fma(a, b)
                    .intoMemorySegment(ALL, z & ADDRESS, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = Lanes.first(n - i);
            store(load(z, rest).fma(a, b), z, rest);
        }
    }

    private static void addAt(long z, int label, double value) {
        Lanes.set(z + 4L * label, (float) (Lanes.get(z + 4L * label) + value));
    }
}
