package dev.lorikeet.bench.steps;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.lora.LoraLinear;
import dev.lorikeet.models.FreshModel;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import org.junit.jupiter.api.Test;

class LoraStepTest {
    private static final Gpt2Config SMALL = Gpt2Config.fresh(new FreshModel(301, 64, 48, 3, 4, -1)).withDropout(0.1);

    @Test
    void the_benchmarked_step_learns_and_allocates_nothing_after_the_second() {
        try (Backend backend = Backends.open("cpu"); LoraStep step = new LoraStep(backend, SMALL, 4, 31, 5, 48)) {
            double first = step.step().loss();
            step.step();
            long allocations = step.pool().allocations();
            long workspace = backend.workspaceBytes();
            double last = 0;
            for (int i = 0; i < 30; i++) {
                last = step.step().loss();
            }
            assertThat(first).isBetween(5.5, 6.0);
            assertThat(last).isLessThan(first - 0.01);
            assertThat(step.pool().allocations()).isEqualTo(allocations);
            assertThat(backend.workspaceBytes()).isEqualTo(workspace);
            assertThat(step.pool().usedBytes()).isZero();
        }
    }

    @Test
    void only_adapters_train_and_nothing_is_saved_below_the_first_one() {
        try (Backend backend = Backends.open("cpu"); LoraStep step = new LoraStep(backend, SMALL, 4, 31, 5, 48)) {
            step.step();
            step.step();
            assertThat(step.adapted().trainables())
                    .hasSize(2 * SMALL.nLayer())
                    .extracting(Trainable::name)
                    .allMatch(name -> name.contains(".lora_"));
            assertThat(step.adapted().projections().adapted().values())
                    .hasSize(3)
                    .allMatch(LoraLinear.class::isInstance);
            // first recorded op of the model is the first adapter: no embedding, no ln_1 and no c_attn of block 0
            assertThat(step.saved().lines()).noneMatch(line -> line.op().equals("EmbeddingSum"));
            assertThat(step.saved().lines())
                    .filteredOn(line -> line.op().equals("LayerNorm"))
                    .allSatisfy(line -> assertThat(line.count()).isEqualTo(2 * SMALL.nLayer()));
        }
    }
}
