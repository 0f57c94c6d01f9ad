package dev.lorikeet.tensor.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.tensor.AdamStep;
import dev.lorikeet.tensor.SgdStep;
import dev.lorikeet.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Single steps worked out by hand.
final class ScalarOptimizersTest {
    private final ScalarTestEngine engine = new ScalarTestEngine();

    @AfterEach
    void close() {
        engine.close();
    }

    /// The first step of Adam moves by the learning rate against the gradient's sign, whatever its size.
    @Test
    void the_first_step_of_adam_has_the_length_of_the_learning_rate() {
        double lr = 0.01;
        AdamStep step = new AdamStep(lr / (1 - 0.9), 0.9, 0.999, 0, 1 / Math.sqrt(1 - 0.999), 0, 0, 0, 1);
        Tensor p = engine.of(1, 1, 1);
        engine.kernels().adam(p, engine.of(1e-6, -3, 1e5), engine.of(0, 0, 0), engine.of(0, 0, 0), null, step);
        assertThat(engine.numbers(p)).containsExactly(new double[] {0.99, 1.01, 0.99}, within(1e-13));
    }

    /// `g = 2·3 + 0.5·4 = 8`, `m = ½·2 + ½·8 = 5`, `v = ¾·16 + ¼·64 = 28`; `p` decays to 3.6, moves by
    /// `0.1·5/(2·√28 + 1)`, and decays by a fifth.
    @Test
    void every_number_of_an_adam_step_has_its_place() {
        AdamStep step = new AdamStep(0.1, 0.5, 0.75, 1, 2, 0.1, 0.2, 0.5, 2);
        Tensor p = engine.of(4);
        Tensor m = engine.of(2);
        Tensor v = engine.of(16);
        engine.kernels().adam(p, engine.of(3), m, v, null, step);
        assertThat(engine.numbers(m)).containsExactly(5);
        assertThat(engine.numbers(v)).containsExactly(28);
        double moved = 3.6 - 0.5 / (2 * Math.sqrt(28) + 1);
        assertThat(engine.numbers(p)[0]).isCloseTo(0.8 * moved, within(1e-15));
    }

    @Test
    void amsgrad_divides_by_the_largest_second_moment_so_far() {
        AdamStep step = new AdamStep(1, 0, 0, 0, 1, 0, 0, 0, 1);
        Tensor p = engine.of(0, 0);
        Tensor vMax = engine.of(100, 1);
        Tensor v = engine.of(0, 0);
        engine.kernels().adam(p, engine.of(2, 2), engine.of(0, 0), v, vMax, step);
        assertThat(engine.numbers(p)).containsExactly(new double[] {-0.2, -1}, within(1e-15));
        assertThat(engine.numbers(vMax)).containsExactly(100, 4);
        assertThat(engine.numbers(v)).containsExactly(4, 4);
    }

    /// `g = 2·3 + 0.5·4 = 8` and `b = ¼·2 + (1 − ½)·8 = 4.5`.
    @Test
    void momentum_remembers_a_share_of_the_last_direction() {
        Tensor p = engine.of(4);
        Tensor buffer = engine.of(2);
        engine.kernels().sgd(p, engine.of(3), buffer, new SgdStep(0.1, 0.25, 0.5, false, 0.5, 2, false));
        assertThat(engine.numbers(buffer)).containsExactly(4.5);
        assertThat(engine.numbers(p)[0]).isCloseTo(4 - 0.45, within(1e-15));
    }

    @Test
    void nesterov_looks_ahead() {
        Tensor p = engine.of(4);
        engine.kernels().sgd(p, engine.of(8), engine.of(2), new SgdStep(0.1, 0.25, 0, true, 0, 1, false));
        assertThat(engine.numbers(p)[0]).isCloseTo(4 - 0.1 * (8 + 0.25 * 8.5), within(1e-15));
    }

    @Test
    void the_first_step_fills_the_momentum_without_reading_it() {
        Tensor p = engine.of(4);
        Tensor buffer = engine.poisoned(1);
        engine.kernels().sgd(p, engine.of(8), buffer, new SgdStep(0.1, 0.9, 0.5, false, 0, 1, true));
        assertThat(engine.numbers(buffer)).containsExactly(8);
        assertThat(engine.numbers(p)[0]).isCloseTo(3.2, within(1e-15));
    }

    @Test
    void without_momentum_the_step_is_the_gradient() {
        Tensor p = engine.of(4);
        engine.kernels().sgd(p, engine.of(8), null, new SgdStep(0.1, 0, 0, false, 0, 0.5, false));
        assertThat(engine.numbers(p)[0]).isCloseTo(3.6, within(1e-15));
    }
}
