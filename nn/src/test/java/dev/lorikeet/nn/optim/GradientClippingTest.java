package dev.lorikeet.nn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.TestEngine;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.tensor.Kernels;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class GradientClippingTest {
    @RegisterExtension
    private final TestEngine engine = new TestEngine();

    private final Kernels kernels = engine.backend().kernels();
    private final Trainable matrix = engine.trainable("m", 1, 2);
    private final Trainable vector = engine.trainable("v", 1);
    private final Trainable idle = engine.trainable("idle", 3);
    private final List<Trainable> weights = List.of(matrix, idle, vector);

    /// Gradients 2, −3 and 6, whose norm is 7; the third weight has none, and NaN in its buffer.
    private void gradients() {
        engine.accumulate(matrix, 2, -3);
        engine.accumulate(vector, 6);
    }

    @Test
    void one_norm_over_all_gradients_decides() {
        gradients();
        GradientClipping clipping = GradientClipping.of(kernels, weights, 3.5);
        assertThat(clipping.norm()).isEqualTo(7);
        assertThat(clipping.factor()).isEqualTo(3.5 / (7 + 1e-6));
    }

    @Test
    void small_gradients_are_left_as_they_are() {
        gradients();
        assertThat(GradientClipping.of(kernels, weights, 7.5)).isEqualTo(new GradientClipping(7, 1));
    }

    @Test
    void a_largest_norm_of_zero_only_measures() {
        gradients();
        assertThat(GradientClipping.of(kernels, weights, 0)).isEqualTo(new GradientClipping(7, 1));
    }

    @Test
    void where_no_weight_has_a_gradient_there_is_nothing_to_clip() {
        assertThat(GradientClipping.of(kernels, weights, 1)).isEqualTo(new GradientClipping(0, 1));
    }

    @Test
    void a_scale_that_is_yet_to_be_applied_joins_the_factor() {
        gradients();
        GradientClipping clipping = GradientClipping.ofScaled(kernels, weights, 1, 0.5);
        assertThat(clipping.norm()).isEqualTo(3.5);
        assertThat(clipping.factor()).isCloseTo(0.5 / (3.5 + 1e-6), within(1e-16));
    }

    @Test
    void a_gradient_that_is_not_finite_shows_in_the_norm() {
        engine.accumulate(vector, Double.NaN);
        assertThat(GradientClipping.of(kernels, weights, 1).norm()).isNaN();
    }

    @Test
    void any_other_norm_may_be_given() {
        assertThat(GradientClipping.byNorm(11, 5.5).factor()).isCloseTo(0.5, within(1e-7));
    }
}
