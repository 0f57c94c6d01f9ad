package dev.lorikeet.bench.peers.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.bench.compare.Contest;
import dev.lorikeet.models.roberta.RobertaConfig;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClassifierSuiteTest {
    private static final RobertaConfig SMALL = new RobertaConfig(
            301, 66, 48, 3, 4, 96, UnaryFunction.GELU_ERF, 1e-5, 0.02, 0.1, 0.1, 0.1, 1, 1, true,
            RobertaConfig.Head.CLASSIFICATION, List.of("a", "b", "c"));

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void losses_of_ten_steps_agree_and_the_steps_learn(boolean firstRows) {
        try (Contest contest = ClassifierSuite.contest(SMALL, 4, true, firstRows, 31, 31, 31, 31)) {
            double first = 0;
            double last = 0;
            for (int step = 0; step < 10; step++) {
                double ours = contest.contenders().get(0).run();
                assertThat(contest.contenders().get(1).run()).as("step %d", step + 1).isCloseTo(ours, within(1e-4));
                first = step == 0 ? ours : first;
                last = ours;
            }
            assertThat(last).isLessThan(first - 0.05);
        }
    }
}
