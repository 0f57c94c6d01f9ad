package dev.lorikeet.bench.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.models.FreshModel;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import org.junit.jupiter.api.Test;

class FrozenStepTest {
    private static final Gpt2Config SMALL = Gpt2Config.fresh(new FreshModel(301, 64, 48, 3, 4, -1)).withDropout(0.1);

    @Test
    void the_frozen_step_begins_with_the_loss_of_the_lora_step_and_trains_one_bias_of_the_first_block() {
        try (Backend backend = Backends.open("cpu"); LoraStep lora = new LoraStep(backend, SMALL, 4, 31, 5, 48);
                FrozenStep frozen = new FrozenStep(backend, lora)) {
            double first = frozen.step().loss();
            assertThat(first).isCloseTo(lora.step().loss(), within(1e-6));
            assertThat(frozen.step().gradNorm()).isPositive();
            assertThat(frozen.trained())
                    .extracting(Trainable::name).containsExactly("transformer.h.0.attn.c_attn.bias");
            assertThat(frozen.step().loss()).isLessThan(first);
        }
    }
}
