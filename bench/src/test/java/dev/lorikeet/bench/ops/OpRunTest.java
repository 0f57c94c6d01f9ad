package dev.lorikeet.bench.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OpRunTest {
    @ParameterizedTest
    @EnumSource
    void what_is_measured_is_the_gradient_of_the_scalar_backend_and_needs_no_new_memory(OpKind kind) {
        try (Backend fast = Backends.open("cpu:2"); Backend scalar = Backends.open("scalar");
                OpRun ours = new OpRun(fast, kind, 2, 11, 64, 3); OpRun truth = new OpRun(scalar, kind, 2, 11, 64, 3)) {
            double expected = truth.run();
            assertThat(expected).isPositive();
            assertThat(ours.run()).isCloseTo(expected, within(1e-4 * expected));
            long allocations = ours.allocations();
            assertThat(ours.run()).isCloseTo(expected, within(1e-4 * expected));
            assertThat(ours.allocations()).isEqualTo(allocations);
        }
    }
}
