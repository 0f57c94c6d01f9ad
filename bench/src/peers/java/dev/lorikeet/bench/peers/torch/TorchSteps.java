package dev.lorikeet.bench.peers.torch;

import dev.lorikeet.bench.memory.MemoryUser;
import dev.lorikeet.bench.steps.LoraStep;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;

/// libtorch's memory: our weights are copied and freed before its first step, so that only its own are left.
public final class TorchSteps implements MemoryUser {
    @Override
    public String name() {
        return "libtorch";
    }

    @Override
    public double steps(Gpt2Config config, int rank, int[] lengths, int count) {
        TorchLoraStep step;
        TorchBatch batch;
        try (Backend backend = Backends.open("cpu"); LoraStep ours = new LoraStep(backend, config, rank, lengths)) {
            step = new TorchLoraStep(
                    config, ours.store(), ours.adapter(), LoraStep.LEARNING_RATE, LoraStep.WEIGHT_DECAY);
            batch = TorchBatch.padded(ours.batch());
        }
        try (step; batch) {
            double loss = 0;
            for (int i = 0; i < count; i++) {
                loss = step.step(batch);
            }
            return loss;
        }
    }
}
