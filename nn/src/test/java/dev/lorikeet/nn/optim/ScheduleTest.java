package dev.lorikeet.nn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Each shape at its corners: 4 steps of warm-up, 12 in all where there is an end.
class ScheduleTest {
    private static final Map<String, Schedule> SHAPES = Map.of(
            "constant", Schedule.constant(4),
            "linear", Schedule.linear(4, 12),
            "cosine", Schedule.cosine(4, 12, 0.5),
            "two cycles", Schedule.cosine(4, 12, 2),
            "restarts", Schedule.cosineRestarts(4, 12, 2),
            "polynomial", Schedule.polynomial(4, 12, 2, 0.2),
            "inverse root", Schedule.inverseRoot(4),
            "paper", Schedule.paperCosine(4, 12));

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        // shape, factor at steps 0, 2, 4, 6, 8, 12, 16
        "constant,     0, 0.5, 1,    1,                   1,                   1,                   1",
        "linear,       0, 0.5, 1,    0.75,                0.5,                 0,                   0",
        "cosine,       0, 0.5, 1,    0.85355339059327378, 0.5,                 0,                   0.5",
        "two cycles,   0, 0.5, 1,    0,                   1,                   1,                   1",
        "restarts,     0, 0.5, 1,    0.5,                 1,                   0,                   0",
        "polynomial,   0, 0.5, 1,    0.65,                0.4,                 0.2,                 0.2",
        "inverse root, 0, 0.5, 1,    0.81649658092772603, 0.70710678118654752, 0.57735026918962576, 0.5",
        "paper,        0, 0.5, 0.75, 0.5,                 0.25,                0,                   0",
    })
    void has_the_factors_of_its_formula(
            String shape, double at0, double at2, double at4, double at6, double at8, double at12, double at16) {
        double[] expected = {at0, at2, at4, at6, at8, at12, at16};
        int[] steps = {0, 2, 4, 6, 8, 12, 16};
        for (int i = 0; i < steps.length; i++) {
            assertThat(SHAPES.get(shape).factor(steps[i])).as("step %d", steps[i])
                    .isCloseTo(expected[i], within(1e-15));
        }
    }

    @Test
    void without_warm_up_the_first_step_has_the_whole_rate() {
        assertThat(Schedule.constant(0).factor(0)).isEqualTo(1);
        assertThat(Schedule.linear(0, 10).factor(0)).isEqualTo(1);
        assertThat(Schedule.cosine(0, 10, 0.5).factor(0)).isEqualTo(1);
        assertThat(Schedule.cosineRestarts(0, 10, 3).factor(0)).isEqualTo(1);
        assertThat(Schedule.polynomial(0, 10, 2, 0).factor(0)).isEqualTo(1);
        assertThat(Schedule.inverseRoot(0).factor(0)).isEqualTo(1);
        assertThat(Schedule.paperCosine(0, 10).factor(0)).isEqualTo(1);
    }

    @Test
    void a_warm_up_as_long_as_the_run_divides_nothing_by_zero() {
        assertThat(Schedule.linear(4, 4).factor(3)).isEqualTo(0.75);
        assertThat(Schedule.linear(4, 4).factor(4)).isZero();
        assertThat(Schedule.polynomial(4, 4, 2, 0.2).factor(5)).isEqualTo(0.2);
    }
}
