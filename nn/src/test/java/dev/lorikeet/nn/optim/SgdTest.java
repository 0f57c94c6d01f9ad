package dev.lorikeet.nn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.TestEngine;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Steps that were computed by hand: p = 1, gradients 4 and then 2, learning rate 0.1.
class SgdTest {
    @RegisterExtension
    private final TestEngine engine = new TestEngine();

    private final Trainable weight = engine.trainable("w", engine.doubles(Shape.of(1), 1));

    private Sgd sgd(SgdConfig config, double weightDecay) {
        return new Sgd(engine.backend(), List.of(new ParameterGroup(List.of(weight), weightDecay)), config);
    }

    private double after(Sgd sgd, double gradient) {
        engine.accumulate(weight, gradient);
        sgd.step(0.1, 1);
        return engine.numbers(weight.value())[0];
    }

    private static void assertClose(double actual, double expected) {
        assertThat(actual).isCloseTo(expected, within(1e-14));
    }

    @Test
    void plain_descent_follows_the_gradient_and_keeps_nothing() {
        Sgd sgd = sgd(SgdConfig.plain(), 0);
        assertClose(after(sgd, 4), 0.6);
        assertClose(after(sgd, 2), 0.4);
        assertThat(sgd.state()).isEmpty();
        assertThat(sgd.bytes()).isZero();
    }

    @Test
    void weight_decay_joins_the_gradient() {
        assertClose(after(sgd(SgdConfig.plain(), 0.5), 4), 1 - 0.1 * 4.5);
    }

    @Test
    void momentum_starts_as_the_first_gradient() {
        Sgd sgd = sgd(new SgdConfig(0.5, 0, false), 0);
        assertClose(after(sgd, 4), 0.6);
        assertClose(after(sgd, 2), 0.6 - 0.1 * (0.5 * 4 + 2));
        assertThat(sgd.state()).containsOnlyKeys("momentum_buffer/w");
    }

    @Test
    void dampening_spares_the_first_gradient() {
        Sgd sgd = sgd(new SgdConfig(0.5, 0.25, false), 0);
        assertClose(after(sgd, 4), 0.6);
        assertClose(after(sgd, 2), 0.6 - 0.1 * (0.5 * 4 + 0.75 * 2));
    }

    @Test
    void nesterov_looks_ahead() {
        Sgd sgd = sgd(new SgdConfig(0.5, 0, true), 0);
        assertClose(after(sgd, 4), 1 - 0.1 * (4 + 0.5 * 4));
        assertClose(after(sgd, 2), 0.4 - 0.1 * (2 + 0.5 * 4));    // the momentum is 0.5·4 + 2 = 4
    }

    @Test
    void a_weight_whose_first_gradient_comes_late_starts_from_no_momentum() {
        Sgd sgd = sgd(new SgdConfig(0.5, 0, false), 0);
        sgd.step(0.1, 1);
        assertClose(after(sgd, 4), 0.6);
    }

    @Test
    void nesterov_needs_momentum_and_no_dampening() {
        assertThatThrownBy(() -> new SgdConfig(0, 0, true)).hasMessageContaining("Nesterov momentum needs momentum");
        assertThatThrownBy(() -> new SgdConfig(0.9, 0.1, true)).hasMessageContaining("no dampening");
    }
}
