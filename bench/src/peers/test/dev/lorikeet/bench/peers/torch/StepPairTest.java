package dev.lorikeet.bench.peers.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.bench.compare.Contest;
import dev.lorikeet.models.FreshModel;
import dev.lorikeet.models.gpt2.Gpt2Config;
import org.junit.jupiter.api.Test;

class StepPairTest {
    static final Gpt2Config SMALL = Gpt2Config.fresh(new FreshModel(301, 64, 48, 3, 4, -1)).withDropout(0.1);

    @Test
    void losses_of_ten_steps_agree_and_the_steps_learn() {
        StepPair pair = StepPair.open(SMALL, 4, 31, 31, 31);
        try (Contest _ = pair.contest(ours -> 0, (_, _) -> 0)) {
            double first = pair.torch().loss(pair.batch());
            for (int step = 0; step < 10; step++) {
                double ours = pair.ours().step().loss();
                assertThat(pair.torch().step(pair.batch())).as("step %d", step + 1).isCloseTo(ours, within(1e-4));
            }
            assertThat(pair.torch().loss(pair.batch())).isLessThan(first - 0.005);
        }
    }

    @Test
    void padding_changes_no_loss() {
        StepPair pair = StepPair.open(SMALL, 8, 31, 5, 48);
        try (Contest _ = pair.contest(ours -> 0, (_, _) -> 0);
                TorchBatch longer = TorchBatch.padded(pair.ours().batch(), 60)) {
            assertThat(pair.torch().loss(pair.batch())).isCloseTo(pair.ours().loss(), within(1e-5));
            assertThat(pair.torch().step(longer)).isCloseTo(pair.ours().step().loss(), within(1e-5));
            assertThat(pair.torch().step(pair.batch())).isCloseTo(pair.ours().step().loss(), within(1e-5));
        }
    }
}
