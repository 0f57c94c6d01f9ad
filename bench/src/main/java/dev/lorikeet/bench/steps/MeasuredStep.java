package dev.lorikeet.bench.steps;

import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.models.ModelConfig;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.models.roberta.RobertaConfig;
import dev.lorikeet.models.train.StepResult;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.tensor.Backend;

/// A LoRA training step of ours, whatever the model.
public sealed interface MeasuredStep extends AutoCloseable permits LoraStep, ClassifierStep {
    /// One optimizer step.
    StepResult step();

    /// The frozen weights.
    WeightStore store();

    /// What the steps train.
    LoraAdapter adapter();

    @Override
    void close();

    /// The step of a language model for a GPT-2, of a classifier for a RoBERTa, with the rank of the paper's
    /// experiments with that model.
    ///
    /// @param lengths tokens of each sequence
    static MeasuredStep of(Backend backend, ModelConfig config, int... lengths) {
        return switch (config) {
            case Gpt2Config gpt2 -> new LoraStep(backend, gpt2, rank(gpt2), lengths);
            case RobertaConfig roberta -> new ClassifierStep(backend, roberta, rank(roberta), lengths);
            default -> throw new IllegalArgumentException("no step of a " + config.getClass().getSimpleName());
        };
    }

    /// 4 for GPT-2, 8 for RoBERTa (LoRA paper, tables 9 and 11).
    static int rank(ModelConfig config) {
        return config instanceof RobertaConfig ? 8 : 4;
    }
}
