package dev.lorikeet.bench.memory;

import dev.lorikeet.bench.steps.LoraStep;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;

/// Our own step.
final class OurSteps implements MemoryUser {
    @Override
    public String name() {
        return "lorikeet";
    }

    @Override
    public double steps(Gpt2Config config, int rank, int[] lengths, int count) {
        try (Backend backend = Backends.open("cpu"); LoraStep step = new LoraStep(backend, config, rank, lengths)) {
            double loss = 0;
            for (int i = 0; i < count; i++) {
                loss = step.step().loss();
            }
            return loss;
        }
    }
}
