package dev.lorikeet.tensor.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ScalarNormsTest {
    private final ScalarTestEngine engine = new ScalarTestEngine();

    @AfterEach
    void close() {
        engine.close();
    }

    /// 999, 1001, 999, 1001 have mean 1000 and deviation 1.
    @Test
    void layer_norm_of_mean_1000_and_deviation_1() {
        Tensor x = engine.of(Shape.of(1, 4), 999, 1001, 999, 1001);
        Tensor y = engine.poisoned(1, 4);
        Tensor mean = engine.poisoned(1);
        Tensor rstd = engine.poisoned(1);
        engine.kernels().layerNorm(y, mean, rstd, x, engine.of(1, 2, 3, 4), engine.of(10, 20, 30, 40), 0);
        assertThat(engine.numbers(mean)).containsExactly(1000);
        assertThat(engine.numbers(rstd)).containsExactly(1);
        assertThat(engine.numbers(y)).containsExactly(9, 22, 27, 44);
        engine.kernels().layerNorm(y, mean, rstd, x, null, null, 3);
        assertThat(engine.numbers(y)).containsExactly(-0.5, 0.5, -0.5, 0.5);
    }

    @Test
    void layer_norm_of_a_constant_row_is_its_bias() {
        Tensor y = engine.poisoned(1, 3);
        engine.kernels().layerNorm(y, engine.poisoned(1), engine.poisoned(1), engine.of(Shape.of(1, 3), 7, 7, 7), null,
                engine.of(1, 2, 3), 1e-5);
        assertThat(engine.numbers(y)).containsExactly(1, 2, 3);
    }

    @Test
    void gradients_of_layer_norm_are_slopes() {
        Tensor x = engine.normal(1, 2, 5);
        Tensor w = engine.normal(2, 5);
        Tensor dy = engine.normal(3, 2, 5);
        Tensor y = engine.poisoned(2, 5);
        Tensor mean = engine.poisoned(2);
        Tensor rstd = engine.poisoned(2);
        Tensor dx = engine.poisoned(2, 5);
        Tensor dw = engine.poisoned(5);
        engine.kernels().layerNorm(y, mean, rstd, x, w, null, 0.1);
        engine.kernels().layerNormBackward(dx, dy, x, mean, rstd, w, 0);
        engine.kernels().layerNormWeightBackward(dw, dy, x, mean, rstd, 0);
        FiniteDifferences.check(engine, x, dx, () -> dot(dy, normed(x, w)));
        FiniteDifferences.check(engine, w, dw, () -> dot(dy, normed(x, w)));
    }

    private Tensor normed(Tensor x, Tensor w) {
        Tensor y = engine.poisoned(2, 5);
        engine.kernels().layerNorm(y, engine.poisoned(2), engine.poisoned(2), x, w, null, 0.1);
        return y;
    }

    /// `ln 1, ln 2, ln 5` become an eighth, a quarter and five eighths, wherever their origin.
    @Test
    void softmax_of_logarithms_is_their_share() {
        Tensor y = engine.poisoned(2, 3);
        double far = 1000;
        engine.kernels().softmax(y, engine.of(Shape.of(2, 3), 0, Math.log(2), Math.log(5),
                far, far + Math.log(2), far + Math.log(5)), 3);
        assertThat(engine.numbers(y)).containsExactly(new double[] {.125, .25, .625, .125, .25, .625}, within(1e-12));
    }

    @Test
    void softmax_shows_each_row_one_column_more() {
        Tensor y = engine.poisoned(3, 3);
        engine.kernels().softmax(y, engine.of(Shape.of(3, 3), 1, 1, 1, 1, 1, 1, 1, 1, 1), 0);
        double third = 1 / 3.0;
        assertThat(engine.numbers(y)).containsExactly(
                new double[] {1, 0, 0, .5, .5, 0, third, third, third}, within(1e-15));
        engine.kernels().softmax(y, engine.of(Shape.of(3, 3), 1, 1, 1, 1, 1, 1, 1, 1, 1), -1);
        assertThat(engine.numbers(y)).containsExactly(new double[] {0, 0, 0, 1, 0, 0, .5, .5, 0}, within(1e-15));
    }

    @Test
    void the_gradient_of_softmax_is_its_slope() {
        Tensor x = engine.normal(4, 2, 5);
        Tensor dy = engine.normal(5, 2, 5);
        Tensor y = engine.poisoned(2, 5);
        Tensor dx = engine.poisoned(2, 5);
        engine.kernels().softmax(y, x, 2);
        engine.kernels().softmaxBackward(dx, dy, y, 0);
        FiniteDifferences.check(engine, x, dx, () -> {
            Tensor again = engine.poisoned(2, 5);
            engine.kernels().softmax(again, x, 2);
            return dot(dy, again);
        });
    }

    private double dot(Tensor a, Tensor b) {
        return FiniteDifferences.dot(engine.numbers(a), engine.numbers(b));
    }
}
