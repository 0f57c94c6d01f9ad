package dev.lorikeet.bench.peers.torch;

import dev.lorikeet.bench.compare.Contender;
import dev.lorikeet.bench.compare.Contest;
import dev.lorikeet.bench.steps.LoraStep;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import java.util.List;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;

/// Our step and libtorch's on equal weights, adapters and tokens.
///
/// @param backend of ours
/// @param ours    our step
/// @param torch   the same step in libtorch
/// @param batch   libtorch's form of our batch
record StepPair(Backend backend, LoraStep ours, TorchLoraStep torch, TorchBatch batch) {
    /// Builds both.
    ///
    /// @param lengths tokens of each sequence
    static StepPair open(Gpt2Config config, int rank, int... lengths) {
        Backend backend = Backends.open("cpu");
        LoraStep ours = new LoraStep(backend, config, rank, lengths);
        TorchLoraStep torch = new TorchLoraStep(
                config, ours.store(), ours.adapter(), LoraStep.LEARNING_RATE, LoraStep.WEIGHT_DECAY);
        return new StepPair(backend, ours, torch, TorchBatch.padded(ours.batch()));
    }

    /// Both as contenders that do this work.
    Contest contest(ToDoubleFunction<LoraStep> our, ToDoubleBiFunction<TorchLoraStep, TorchBatch> its) {
        return new Contest(
                List.of(Contender.of("lorikeet", () -> our.applyAsDouble(ours)),
                        Contender.of("libtorch", () -> its.applyAsDouble(torch, batch))),
                List.of(backend, ours, torch, batch));
    }
}
