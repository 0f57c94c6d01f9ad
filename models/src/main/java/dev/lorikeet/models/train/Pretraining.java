package dev.lorikeet.models.train;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.models.Architecture;
import dev.lorikeet.models.TokenPredictor;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.TrainableWeights;
import dev.lorikeet.nn.WeightSource;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.nn.Weights;
import dev.lorikeet.nn.optim.AdamW;
import dev.lorikeet.nn.optim.AdamWConfig;
import dev.lorikeet.nn.optim.ParameterGroup;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.io.SafetensorsWriter;
import dev.lorikeet.tensor.io.TensorSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A model whose every parameter is trained: the model, its optimizer, and how its weights are written.
///
/// @param model     the model
/// @param weights   all parameters
/// @param optimizer AdamW with β = (0.9, 0.95), decaying matrices only, as is usual for language models
public record Pretraining(TokenPredictor model, List<Trainable> weights, AdamW optimizer) {
    /// @param source random weights, or a checkpoint to go on from
    public static Pretraining create(
            Backend backend, Architecture<? extends TokenPredictor> architecture, WeightSource source,
            double weightDecay) {
        WeightStore store = new WeightStore(backend, source, DType.F32);
        TrainableWeights all = new TrainableWeights(store, _ -> true);
        TokenPredictor model = architecture.build(Weights.of(store, all), Projections.plain());
        AdamWConfig settings = new AdamWConfig(0.9, 0.95, 1e-8, AdamWConfig.Decay.DECOUPLED, true, false);
        List<ParameterGroup> groups = new ParameterGroup(all.all(), weightDecay).decayingMatrices();
        return new Pretraining(model, all.all(), new AdamW(backend, groups, settings));
    }

    /// Number of parameters; a tied head is not counted twice.
    public long parameters() {
        return weights.stream().mapToLong(weight -> weight.value().size()).sum();
    }

    /// A run of so many steps.
    ///
    /// @param text        to train on, and to evaluate on
    /// @param directory   of the run
    /// @param fingerprint everything that must be equal for a resumed run to make sense
    /// @param best        writes the current weights whenever they are the best so far
    public TrainingRun run(PretrainingText text, TrainingSettings settings, Pool pool, Path directory,
            String fingerprint, TrainingRun.Output best) {
        Trainer<TokenBatch> trainer = new Trainer<>(
                Objective.tokens(model), pool, optimizer, new ExampleWindows<>(text.batches(), 1), settings);
        return new TrainingRun(trainer, new HeldOutLoss(pool, text.heldOut(), model), directory, fingerprint, best);
    }

    /// Writes `model.safetensors` (BF16, rounded to nearest) into `directory`.
    public void write(Path directory, Backend backend) {
        List<Tensor> converted = new ArrayList<>();
        List<TensorSource> tensors = new ArrayList<>();
        for (Trainable weight : weights) {
            Tensor bf16 = backend.allocate(DType.BF16, weight.shape());
            backend.kernels().copy(bf16, weight.value());
            converted.add(bf16);
            tensors.add(TensorSource.of(weight.name(), bf16, backend));
        }
        SafetensorsWriter.write(directory.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
        converted.forEach(tensor -> backend.free(tensor.storage()));
    }
}
