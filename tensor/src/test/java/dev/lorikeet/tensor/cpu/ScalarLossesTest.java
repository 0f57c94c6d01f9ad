package dev.lorikeet.tensor.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ScalarLossesTest {
    private final ScalarLab lab = new ScalarLab();

    @AfterEach
    void close() {
        lab.close();
    }

    /// Shares of 1/8, 2/8 and 5/8 cost `ln 8`, `ln 4` and `ln 1.6`.
    @Test
    void the_loss_is_the_logarithm_of_the_share() {
        double ln2 = Math.log(2);
        double ln5 = Math.log(5);
        Tensor logits = lab.of(Shape.of(4, 3), 0, ln2, ln5, 0, ln2, ln5, 0, ln2, ln5, Double.NaN, 0, 0);
        Tensor nll = lab.poisoned(4);
        Tensor lse = lab.poisoned(4);
        lab.kernels().crossEntropy(nll, lse, logits, lab.indices(0, 1, 2, -100), 0);
        assertThat(lab.numbers(nll)).containsExactly(
                new double[] {Math.log(8), Math.log(4), Math.log(1.6), 0}, within(1e-14));
        assertThat(lab.numbers(lse)).containsExactly(
                new double[] {Math.log(8), Math.log(8), Math.log(8), 0}, within(1e-14));
    }

    /// Smoothing takes a share `ε` of the loss from the mean over all classes.
    @Test
    void smoothing_mixes_in_the_mean_loss() {
        Tensor logits = lab.of(Shape.of(1, 3), 0, Math.log(2), Math.log(5));
        Tensor nll = lab.poisoned(1);
        lab.kernels().crossEntropy(nll, lab.poisoned(1), logits, lab.indices(1), 0.3);
        double mean = (Math.log(8) + Math.log(4) + Math.log(1.6)) / 3;
        assertThat(lab.numbers(nll)[0]).isCloseTo(0.7 * Math.log(4) + 0.3 * mean, within(1e-14));
    }

    @Test
    void gradients_of_the_loss_are_slopes() {
        Tensor logits = lab.normal(1, 3, 5);
        Tensor labels = lab.indices(4, -1, 0);
        Tensor lse = lab.poisoned(3);
        lab.kernels().crossEntropy(lab.poisoned(3), lse, logits, labels, 0.2);
        Tensor dnll = lab.of(0.5, 7, -2);
        Tensor dlogits = lab.poisoned(3, 5);
        lab.kernels().crossEntropyBackward(dlogits, dnll, logits, lse, labels, 0.2, 0);
        Slopes.check(lab, logits, dlogits, () -> {
            Tensor nll = lab.poisoned(3);
            lab.kernels().crossEntropy(nll, lab.poisoned(3), logits, labels, 0.2);
            return Slopes.dot(lab.numbers(dnll), lab.numbers(nll));
        });
    }

    @Test
    void the_fused_loss_is_the_loss_of_the_product() {
        Tensor x = lab.normal(1, 4, 3);
        Tensor w = lab.normal(2, 5, 3);
        Tensor labels = lab.indices(4, 2, -1, 0);
        Tensor logits = lab.poisoned(4, 5);
        lab.kernels().gemm(logits, x, false, w, true, 1, 0);
        Tensor expected = lab.poisoned(4);
        Tensor expectedLse = lab.poisoned(4);
        lab.kernels().crossEntropy(expected, expectedLse, logits, labels, 0.1);
        Tensor nll = lab.poisoned(4);
        Tensor lse = lab.poisoned(4);
        lab.kernels().linearCrossEntropy(nll, lse, null, x, w, labels, 0.1, 1, lab.poisoned(2, 5));
        assertThat(lab.numbers(nll)).containsExactly(lab.numbers(expected), within(1e-14));
        assertThat(lab.numbers(lse)).containsExactly(lab.numbers(expectedLse), within(1e-14));
    }

    @Test
    void gradients_of_the_fused_loss_are_slopes() {
        Tensor x = lab.normal(1, 4, 3);
        Tensor w = lab.normal(2, 5, 3);
        Tensor labels = lab.indices(4, 2, -1, 0);
        Tensor lse = lab.poisoned(4);
        Tensor dx = lab.poisoned(4, 3);
        Tensor dw = lab.poisoned(5, 3);
        lab.kernels().linearCrossEntropy(lab.poisoned(4), lse, dx, x, w, labels, 0.1, 0.25, lab.poisoned(2, 5));
        lab.kernels().linearCrossEntropyWeightBackward(dw, lab.of(3), x, w, lse, labels, 0.1, 0.25,
                lab.poisoned(2, 5), 0);
        Slopes.check(lab, x, dx, () -> 0.25 * total(x, w, labels));
        Slopes.check(lab, w, dw, () -> 0.25 * 3 * total(x, w, labels));
    }

    private double total(Tensor x, Tensor w, Tensor labels) {
        Tensor nll = lab.poisoned(4);
        lab.kernels().linearCrossEntropy(nll, lab.poisoned(4), null, x, w, labels, 0.1, 1, lab.poisoned(2, 5));
        double sum = 0;
        for (double one : lab.numbers(nll)) {
            sum += one;
        }
        return sum;
    }
}
