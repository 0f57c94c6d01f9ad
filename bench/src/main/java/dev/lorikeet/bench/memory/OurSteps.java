package dev.lorikeet.bench.memory;

import dev.lorikeet.bench.steps.MeasuredStep;
import dev.lorikeet.models.ModelConfig;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;

/// Our own step.
final class OurSteps implements MemoryContender {
    @Override
    public String name() {
        return "lorikeet";
    }

    @Override
    public double steps(ModelConfig config, int[] lengths, int count) {
        try (Backend backend = Backends.open("cpu"); MeasuredStep step = MeasuredStep.of(backend, config, lengths)) {
            double loss = 0;
            for (int i = 0; i < count; i++) {
                loss = step.step().loss();
            }
            return loss;
        }
    }
}
