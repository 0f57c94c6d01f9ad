package dev.lorikeet.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.bench.steps.LoraSetting;
import dev.lorikeet.bench.steps.LoraStep;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.nn.BaseDType;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DryRunBackend;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Steps of a real model on batches as long as E2E's, on a device that does nothing but remember what it was asked:
/// which of them it could have been given as graphs.
final class ReplayedE2eTest {
    private static final LoraSetting SETTING = new LoraSetting(4, "c_attn", BaseDType.BF16);

    private static LoraStep step(Backend backend, String model, List<TokenBatch> batches) {
        return new LoraStep(backend, Gpt2Config.published(model), SETTING,
                step -> List.of(batches.get((int) (step % batches.size()))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "gpt2-medium"})
    void after_two_rounds_every_step_is_graphs_alone_and_memory_is_that_of_the_largest(String model) {
        List<TokenBatch> batches = E2eLengths.batches(Gpt2Config.published(model).vocabSize());
        try (Backend backend = Backends.open("cuda-idle:0:bf16"); LoraStep step = step(backend, model, batches)) {
            for (int i = 0; i < 2 * batches.size(); i++) {
                step.step();
            }
            double before = backend.replayedShare().orElseThrow();
            assertThat(before).as("of the first two rounds").isGreaterThan(0.75);
            long allocations = step.pool().allocations();
            long workspace = backend.workspaceBytes();
            for (int i = 0; i < batches.size(); i++) {
                step.step();
            }
            assertThat(3 * backend.replayedShare().orElseThrow() - 2 * before).as("of the third")
                    .isCloseTo(1, within(1e-9));
            assertThat(step.pool().allocations()).isEqualTo(allocations);
            assertThat(backend.workspaceBytes()).isEqualTo(workspace);
            assertThat((double) step.pool().ownedBytes() / ofTheLargest(backend, model, batches))
                    .isLessThan(1.25);
        }
    }

    private static long ofTheLargest(Backend like, String model, List<TokenBatch> batches) {
        TokenBatch largest = batches.stream().max(Comparator.comparingInt(TokenBatch::tokens)).orElseThrow();
        try (DryRunBackend dry = new DryRunBackend(like); LoraStep step = step(dry, model, List.of(largest))) {
            for (int i = 0; i < 5; i++) {
                step.step();
            }
            return step.pool().ownedBytes();
        }
    }
}
