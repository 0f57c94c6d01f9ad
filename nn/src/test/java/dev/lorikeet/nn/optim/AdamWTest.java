package dev.lorikeet.nn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.TestEngine;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.nn.optim.AdamWConfig.Decay;
import dev.lorikeet.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Steps that were computed by hand: p = 1, gradients 3 and then −1, learning rate 0.1, decay 0.5, no epsilon.
///
/// The moments after the steps are m = 0.3, 0.17 and v = 0.009, 0.009991; the corrections of the second step are
/// `1 − 0.9² = 0.19` and `1 − 0.999² = 0.001999`.
class AdamWTest {
    private static final double LR = 0.1;
    private static final double DECAY = 0.5;

    @RegisterExtension
    private final TestEngine engine = new TestEngine();

    private final Trainable weight = engine.trainable("w", engine.doubles(Shape.of(1), 1));

    private static AdamWConfig config(Decay decay, boolean correctBias, boolean amsgrad) {
        return new AdamWConfig(0.9, 0.999, 0, decay, correctBias, amsgrad);
    }

    private AdamW adamW(AdamWConfig config) {
        return new AdamW(engine.backend(), List.of(new ParameterGroup(List.of(weight), DECAY)), config);
    }

    private double after(Optimizer optimizer, double gradient) {
        engine.accumulate(weight, gradient);
        optimizer.step(LR, 1);
        return engine.numbers(weight.value())[0];
    }

    private static void assertClose(double actual, double expected) {
        assertThat(actual).isCloseTo(expected, within(1e-14));
    }

    @Test
    void decoupled_decay_comes_before_the_update() {
        AdamW adamW = adamW(config(Decay.DECOUPLED, true, false));
        assertClose(after(adamW, 3), 0.95 - 0.1);            // the first update is the sign of the gradient
        assertClose(after(adamW, -1), 0.95 * 0.85 - 0.1 * (0.17 / 0.19) / Math.sqrt(0.009991 / 0.001999));
    }

    @Test
    void the_papers_decay_comes_after_the_update() {
        AdamW adamW = adamW(config(Decay.DECOUPLED_AFTER, true, false));
        assertClose(after(adamW, 3), 0.95 * (1 - 0.1));
    }

    @Test
    void l2_decay_joins_the_gradient() {
        AdamW adamW = adamW(config(Decay.L2, true, false));
        assertClose(after(adamW, 3), 0.9);
        double m = 0.9 * 0.35 + 0.1 * (-1 + 0.5 * 0.9);      // the first gradient was 3 + 0.5·1
        double v = 0.999 * 0.01225 + 0.001 * (-0.55 * -0.55);
        assertClose(after(adamW, -1), 0.9 - 0.1 * (m / 0.19) / Math.sqrt(v / 0.001999));
    }

    @Test
    void without_bias_correction_the_first_steps_are_large() {
        assertClose(after(adamW(config(Decay.DECOUPLED, false, false)), 3), 0.95 - 0.1 * 0.3 / Math.sqrt(0.009));
    }

    @Test
    void epsilon_is_added_to_the_corrected_root_but_to_the_raw_one_in_the_papers_form() {
        Trainable other = engine.trainable("other", engine.doubles(Shape.of(1), 1));
        after(adamW(new AdamWConfig(0.9, 0.999, 0.5, Decay.DECOUPLED, true, false)), 3);
        assertClose(engine.numbers(weight.value())[0], 0.95 - 0.1 * 3 / (3 + 0.5));
        AdamW paper = new AdamW(engine.backend(), List.of(new ParameterGroup(List.of(other), 0)),
                new AdamWConfig(0.9, 0.999, 0.5, Decay.DECOUPLED_AFTER, true, false));
        engine.accumulate(other, 3);
        paper.step(LR, 1);
        assertClose(engine.numbers(other.value())[0],
                1 - 0.1 * Math.sqrt(0.001) / 0.1 * 0.3 / (Math.sqrt(0.009) + 0.5));
    }

    @Test
    void amsgrad_divides_by_the_largest_second_moment_so_far() {
        AdamW adamW = new AdamW(engine.backend(), List.of(new ParameterGroup(List.of(weight), 0)),
                new AdamWConfig(0, 0.5, 0, Decay.DECOUPLED, false, true));
        assertClose(after(adamW, 2), 1 - 0.1 * 2 / Math.sqrt(2));
        assertClose(after(adamW, 1), 1 - 0.1 * 2 / Math.sqrt(2) - 0.1 * 1 / Math.sqrt(2));    // v fell to 1.5
    }

    @Test
    void the_factor_of_clipping_scales_the_gradient() {
        AdamW adamW = adamW(new AdamWConfig(0, 0, 1, Decay.DECOUPLED, true, false));
        engine.accumulate(weight, 8);
        adamW.step(LR, 0.25);
        assertClose(engine.numbers(weight.value())[0], 0.95 - 0.1 * 2 / (2 + 1));
    }

    @Test
    void a_group_has_a_learning_rate_and_a_decay_of_its_own() {
        AdamW adamW = new AdamW(engine.backend(), List.of(new ParameterGroup(List.of(weight), 0.5, 4)),
                config(Decay.DECOUPLED, true, false));
        assertClose(after(adamW, 3), (1 - 0.4 * 0.5) - 0.4);
    }

    @Test
    void a_weight_without_a_gradient_is_left_alone_and_so_are_its_moments() {
        AdamW adamW = adamW(config(Decay.DECOUPLED, true, false));
        adamW.step(LR, 1);
        assertThat(engine.numbers(weight.value())).containsExactly(1);
        assertThat(adamW.state().values()).allSatisfy(state -> assertThat(engine.numbers(state)).containsExactly(0));
        assertThat(adamW.steps()).isEqualTo(1);
    }

    @Test
    void a_step_uses_gradients_up() {
        after(adamW(config(Decay.DECOUPLED, true, false)), 3);
        assertThat(weight.hasGrad()).isFalse();
    }

    @Test
    void restored_state_continues_to_the_bit() {
        AdamW whole = adamW(config(Decay.DECOUPLED, true, true));
        after(whole, 3);
        AdamW resumed = adamW(config(Decay.DECOUPLED, true, true));
        assertThat(resumed.state().keySet())
                .containsExactly("exp_avg/w", "exp_avg_sq/w", "max_exp_avg_sq/w");
        resumed.state().forEach((name, state) -> engine.backend().kernels().copy(state, whole.state().get(name)));
        resumed.restore(whole.steps());
        double middle = engine.numbers(weight.value())[0];
        double expected = after(whole, -1);
        engine.backend().kernels().fill(weight.value(), middle);
        assertThat(after(resumed, -1)).isEqualTo(expected);
        assertThat(resumed.steps()).isEqualTo(2);
    }

    @Test
    void nonsense_is_refused() {
        assertThatThrownBy(() -> new AdamWConfig(1, 0.999, 1e-8, Decay.DECOUPLED, true, false))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("betas must be in [0, 1), were 1.0");
        assertThatThrownBy(() -> new ParameterGroup(List.of(weight), -1))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("must be >= 0, was -1");
    }

    @Test
    void matrices_decay_and_vectors_do_not() {
        Trainable matrix = engine.trainable("m", 2, 2);
        List<ParameterGroup> groups = new ParameterGroup(List.of(matrix, weight), 0.5, 3).decayingMatrices();
        assertThat(groups).containsExactly(
                new ParameterGroup(List.of(matrix), 0.5, 3), new ParameterGroup(List.of(weight), 0, 3));
    }
}
