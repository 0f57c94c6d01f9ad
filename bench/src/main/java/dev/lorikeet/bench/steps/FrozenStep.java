package dev.lorikeet.bench.steps;

import dev.lorikeet.models.TokenBatch;
import dev.lorikeet.models.gpt2.Gpt2;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.models.train.Objective;
import dev.lorikeet.models.train.StepResult;
import dev.lorikeet.models.train.Trainer;
import dev.lorikeet.models.train.TrainingSettings;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.TrainableWeights;
import dev.lorikeet.nn.Weights;
import dev.lorikeet.nn.optim.AdamW;
import dev.lorikeet.nn.optim.AdamWConfig;
import dev.lorikeet.nn.optim.ParameterGroup;
import dev.lorikeet.nn.optim.Schedule;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Pool;
import java.util.List;

/// The frozen model's own forward and backward: a [LoraStep] without LoRA.
///
/// With nothing to train there is no backward pass. So the bias of block 0's `c_attn` trains: one vector, just where
/// the first adapter would begin. Gradients then flow through every frozen weight that they flow through with LoRA, to
/// the same depth, and the same activations are saved for them, but nothing is done for an adapter. What the bias costs
/// is the sum of one gradient over its rows and an update of 3C numbers, below a thousandth of the step.
public final class FrozenStep implements AutoCloseable {
    private static final String TRAINED = "transformer.h.0.attn.c_attn.bias";

    private final Pool pool;
    private final TrainableWeights trained;
    private final Trainer<TokenBatch> trainer;

    /// Over the frozen weights of `like`, on its batch.
    public FrozenStep(Backend backend, LoraStep like) {
        pool = new Pool(backend);
        trained = new TrainableWeights(like.store(), TRAINED::equals);
        Gpt2Config config = like.adapted().model().config();
        Gpt2 model = new Gpt2(config, Weights.of(like.store(), trained), Projections.plain());
        AdamW optimizer = new AdamW(
                backend, List.of(new ParameterGroup(trained.all(), LoraStep.WEIGHT_DECAY)), AdamWConfig.defaults());
        trainer = new Trainer<>(
                Objective.tokens(model), pool, optimizer, _ -> List.of(like.batch()),
                new TrainingSettings(1_000_000, LoraStep.LEARNING_RATE, Schedule.constant(0), 0, 0, 0, 0, 0));
    }

    /// One forward and backward pass, and the update of the one bias.
    public StepResult step() {
        return trainer.step();
    }

    /// What trains: one bias.
    TrainableWeights trained() {
        return trained;
    }

    @Override
    public void close() {
        pool.close();
    }
}
