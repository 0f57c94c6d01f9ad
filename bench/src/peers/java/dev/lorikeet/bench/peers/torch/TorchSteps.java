package dev.lorikeet.bench.peers.torch;

import dev.lorikeet.bench.memory.MemoryContender;
import dev.lorikeet.bench.steps.ClassifierStep;
import dev.lorikeet.bench.steps.LoraStep;
import dev.lorikeet.bench.steps.MeasuredStep;
import dev.lorikeet.bench.steps.Padding;
import dev.lorikeet.models.ModelConfig;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.models.roberta.RobertaConfig;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;

/// libtorch's memory: our weights are copied and freed before its first step, so that only its own are left.
public final class TorchSteps implements MemoryContender {
    @Override
    public String name() {
        return "libtorch";
    }

    @Override
    public double steps(ModelConfig config, int[] lengths, int count) {
        return switch (config) {
            case Gpt2Config gpt2 -> steps(gpt2, lengths, count);
            case RobertaConfig roberta -> steps(roberta, lengths, count);
            default -> throw new IllegalArgumentException("no step of a " + config.getClass().getSimpleName());
        };
    }

    private static double steps(Gpt2Config config, int[] lengths, int count) {
        TorchLoraStep step;
        TorchBatch batch;
        int rank = MeasuredStep.rank(config);
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

    /// The last block as transformers computes it: all rows.
    private static double steps(RobertaConfig config, int[] lengths, int count) {
        TorchClassifierStep step;
        TorchTexts texts;
        int rank = MeasuredStep.rank(config);
        try (Backend backend = Backends.open("cpu");
                ClassifierStep ours = new ClassifierStep(backend, config, rank, lengths)) {
            step = new TorchClassifierStep(config, ours.store(), ours.adapter(), false);
            texts = TorchTexts.padded(ours.batch(), config, Padding.LONGEST);
        }
        try (step; texts) {
            double loss = 0;
            for (int i = 0; i < count; i++) {
                loss = step.step(texts);
            }
            return loss;
        }
    }
}
