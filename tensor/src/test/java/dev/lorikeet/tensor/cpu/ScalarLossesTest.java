package dev.lorikeet.tensor.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ScalarLossesTest {
    private final ScalarTestEngine engine = new ScalarTestEngine();

    @AfterEach
    void close() {
        engine.close();
    }

    /// Shares of 1/8, 2/8 and 5/8 cost `ln 8`, `ln 4` and `ln 1.6`.
    @Test
    void the_loss_is_the_logarithm_of_the_share() {
        double ln2 = Math.log(2);
        double ln5 = Math.log(5);
        Tensor logits = engine.of(Shape.of(4, 3), 0, ln2, ln5, 0, ln2, ln5, 0, ln2, ln5, Double.NaN, 0, 0);
        Tensor nll = engine.poisoned(4);
        Tensor lse = engine.poisoned(4);
        engine.kernels().crossEntropy(nll, lse, logits, engine.indices(0, 1, 2, -100), 0);
        assertThat(engine.numbers(nll)).containsExactly(
                new double[] {Math.log(8), Math.log(4), Math.log(1.6), 0}, within(1e-14));
        assertThat(engine.numbers(lse)).containsExactly(
                new double[] {Math.log(8), Math.log(8), Math.log(8), 0}, within(1e-14));
    }

    /// Smoothing takes a share `ε` of the loss from the mean over all classes.
    @Test
    void smoothing_mixes_in_the_mean_loss() {
        Tensor logits = engine.of(Shape.of(1, 3), 0, Math.log(2), Math.log(5));
        Tensor nll = engine.poisoned(1);
        engine.kernels().crossEntropy(nll, engine.poisoned(1), logits, engine.indices(1), 0.3);
        double mean = (Math.log(8) + Math.log(4) + Math.log(1.6)) / 3;
        assertThat(engine.numbers(nll)[0]).isCloseTo(0.7 * Math.log(4) + 0.3 * mean, within(1e-14));
    }

    @Test
    void gradients_of_the_loss_are_slopes() {
        Tensor logits = engine.normal(1, 3, 5);
        Tensor labels = engine.indices(4, -1, 0);
        Tensor lse = engine.poisoned(3);
        engine.kernels().crossEntropy(engine.poisoned(3), lse, logits, labels, 0.2);
        Tensor dnll = engine.of(0.5, 7, -2);
        Tensor dlogits = engine.poisoned(3, 5);
        engine.kernels().crossEntropyBackward(dlogits, dnll, logits, lse, labels, 0.2, 0);
        FiniteDifferences.check(engine, logits, dlogits, () -> {
            Tensor nll = engine.poisoned(3);
            engine.kernels().crossEntropy(nll, engine.poisoned(3), logits, labels, 0.2);
            return FiniteDifferences.dot(engine.numbers(dnll), engine.numbers(nll));
        });
    }

    @Test
    void the_fused_loss_is_the_loss_of_the_product() {
        Tensor x = engine.normal(1, 4, 3);
        Tensor w = engine.normal(2, 5, 3);
        Tensor labels = engine.indices(4, 2, -1, 0);
        Tensor logits = engine.poisoned(4, 5);
        engine.kernels().gemm(logits, x, false, w, true, 1, 0);
        Tensor expected = engine.poisoned(4);
        Tensor expectedLse = engine.poisoned(4);
        engine.kernels().crossEntropy(expected, expectedLse, logits, labels, 0.1);
        Tensor nll = engine.poisoned(4);
        Tensor lse = engine.poisoned(4);
        engine.kernels().linearCrossEntropy(nll, lse, null, x, w, labels, 0.1, 1, engine.poisoned(2, 5));
        assertThat(engine.numbers(nll)).containsExactly(engine.numbers(expected), within(1e-14));
        assertThat(engine.numbers(lse)).containsExactly(engine.numbers(expectedLse), within(1e-14));
    }

    @Test
    void gradients_of_the_fused_loss_are_slopes() {
        Tensor x = engine.normal(1, 4, 3);
        Tensor w = engine.normal(2, 5, 3);
        Tensor labels = engine.indices(4, 2, -1, 0);
        Tensor lse = engine.poisoned(4);
        Tensor dx = engine.poisoned(4, 3);
        Tensor dw = engine.poisoned(5, 3);
        engine.kernels().linearCrossEntropy(engine.poisoned(4), lse, dx, x, w, labels, 0.1, 0.25,
                engine.poisoned(2, 5));
        engine.kernels().linearCrossEntropyWeightBackward(dw, engine.of(3), x, w, lse, labels, 0.1, 0.25,
                engine.poisoned(2, 5), 0);
        FiniteDifferences.check(engine, x, dx, () -> 0.25 * total(x, w, labels));
        FiniteDifferences.check(engine, w, dw, () -> 0.25 * 3 * total(x, w, labels));
    }

    private double total(Tensor x, Tensor w, Tensor labels) {
        Tensor nll = engine.poisoned(4);
        engine.kernels().linearCrossEntropy(nll, engine.poisoned(4), null, x, w, labels, 0.1, 1, engine.poisoned(2, 5));
        double sum = 0;
        for (double one : engine.numbers(nll)) {
            sum += one;
        }
        return sum;
    }
}
