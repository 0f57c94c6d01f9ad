package dev.lorikeet.bench.steps;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.models.roberta.RobertaConfig;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClassifierStepTest {
    private static final RobertaConfig SMALL = new RobertaConfig(
            301, 66, 48, 3, 4, 96, UnaryFunction.GELU_ERF, 1e-5, 0.02, 0.1, 0.1, 0.1, 1, 1, true,
            RobertaConfig.Head.CLASSIFICATION, List.of("a", "b", "c"));

    @Test
    void the_step_learns_and_allocates_nothing_after_the_second() {
        try (Backend backend = Backends.open("cpu:2"); ClassifierStep step = new ClassifierStep(
                backend, SMALL, 4, 31, 7, 20, 31)) {
            double first = step.step().loss();
            step.step();
            long owned = step.pool().ownedBytes();
            for (int i = 0; i < 10; i++) {
                step.step();
            }
            assertThat(step.pool().ownedBytes()).isEqualTo(owned);
            assertThat(step.pool().usedBytes()).isZero();
            assertThat(step.loss()).isLessThan(first - 0.05);
            assertThat(step.adapter().parameterCount())
                    .isEqualTo(3 * 2 * 2 * 4 * 48 + 48 * 48 + 48 + 3 * 48 + 3);
        }
    }
}
