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
    private final ScalarLab lab = new ScalarLab();

    @AfterEach
    void close() {
        lab.close();
    }

    /// The first step of Adam moves by the learning rate against the gradient's sign, whatever its size.
    @Test
    void the_first_step_of_adam_has_the_length_of_the_learning_rate() {
        double lr = 0.01;
        AdamStep step = new AdamStep(lr / (1 - 0.9), 0.9, 0.999, 0, 1 / Math.sqrt(1 - 0.999), 0, 0, 0, 1);
        Tensor p = lab.of(1, 1, 1);
        lab.kernels().adam(p, lab.of(1e-6, -3, 1e5), lab.of(0, 0, 0), lab.of(0, 0, 0), null, step);
        assertThat(lab.numbers(p)).containsExactly(new double[] {0.99, 1.01, 0.99}, within(1e-13));
    }

    /// `g = 2·3 + 0.5·4 = 8`, `m = ½·2 + ½·8 = 5`, `v = ¾·16 + ¼·64 = 28`; `p` decays to 3.6, moves by
    /// `0.1·5/(2·√28 + 1)`, and decays by a fifth.
    @Test
    void every_number_of_an_adam_step_has_its_place() {
        AdamStep step = new AdamStep(0.1, 0.5, 0.75, 1, 2, 0.1, 0.2, 0.5, 2);
        Tensor p = lab.of(4);
        Tensor m = lab.of(2);
        Tensor v = lab.of(16);
        lab.kernels().adam(p, lab.of(3), m, v, null, step);
        assertThat(lab.numbers(m)).containsExactly(5);
        assertThat(lab.numbers(v)).containsExactly(28);
        double moved = 3.6 - 0.5 / (2 * Math.sqrt(28) + 1);
        assertThat(lab.numbers(p)[0]).isCloseTo(0.8 * moved, within(1e-15));
    }

    @Test
    void amsgrad_divides_by_the_largest_second_moment_so_far() {
        AdamStep step = new AdamStep(1, 0, 0, 0, 1, 0, 0, 0, 1);
        Tensor p = lab.of(0, 0);
        Tensor vMax = lab.of(100, 1);
        Tensor v = lab.of(0, 0);
        lab.kernels().adam(p, lab.of(2, 2), lab.of(0, 0), v, vMax, step);
        assertThat(lab.numbers(p)).containsExactly(new double[] {-0.2, -1}, within(1e-15));
        assertThat(lab.numbers(vMax)).containsExactly(100, 4);
        assertThat(lab.numbers(v)).containsExactly(4, 4);
    }

    /// `g = 2·3 + 0.5·4 = 8` and `b = ¼·2 + (1 − ½)·8 = 4.5`.
    @Test
    void momentum_remembers_a_share_of_the_last_direction() {
        Tensor p = lab.of(4);
        Tensor buffer = lab.of(2);
        lab.kernels().sgd(p, lab.of(3), buffer, new SgdStep(0.1, 0.25, 0.5, false, 0.5, 2, false));
        assertThat(lab.numbers(buffer)).containsExactly(4.5);
        assertThat(lab.numbers(p)[0]).isCloseTo(4 - 0.45, within(1e-15));
    }

    @Test
    void nesterov_looks_ahead() {
        Tensor p = lab.of(4);
        lab.kernels().sgd(p, lab.of(8), lab.of(2), new SgdStep(0.1, 0.25, 0, true, 0, 1, false));
        assertThat(lab.numbers(p)[0]).isCloseTo(4 - 0.1 * (8 + 0.25 * 8.5), within(1e-15));
    }

    @Test
    void the_first_step_fills_the_momentum_without_reading_it() {
        Tensor p = lab.of(4);
        Tensor buffer = lab.poisoned(1);
        lab.kernels().sgd(p, lab.of(8), buffer, new SgdStep(0.1, 0.9, 0.5, false, 0, 1, true));
        assertThat(lab.numbers(buffer)).containsExactly(8);
        assertThat(lab.numbers(p)[0]).isCloseTo(3.2, within(1e-15));
    }

    @Test
    void without_momentum_the_step_is_the_gradient() {
        Tensor p = lab.of(4);
        lab.kernels().sgd(p, lab.of(8), null, new SgdStep(0.1, 0, 0, false, 0, 0.5, false));
        assertThat(lab.numbers(p)[0]).isCloseTo(3.6, within(1e-15));
    }
}
