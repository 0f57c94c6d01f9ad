package dev.lorikeet.bench.steps;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.models.Architecture;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.gpt2.Gpt2;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.models.method.HeadOnly;
import dev.lorikeet.models.method.Tunable;
import dev.lorikeet.models.train.Objective;
import dev.lorikeet.models.train.StepResult;
import dev.lorikeet.models.train.TrainingSteps;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Pool;
import java.util.List;
import java.util.function.UnaryOperator;

/// The frozen model's own forward and backward: a [LoraStep] without LoRA.
///
/// With nothing to train there is no backward pass. So the bias of block 0's `c_attn` trains: one vector, just where
/// the first adapter would begin. Gradients then flow through every frozen weight that they flow through with LoRA, to
/// the same depth, and the same activations are saved for them, but nothing is done for an adapter. What the bias costs
/// is the sum of one gradient over its rows and an update of 3C numbers, below a thousandth of the step.
public final class FrozenStep implements AutoCloseable {
    private static final String TRAINED = "transformer.h.0.attn.c_attn.bias";

    private final Pool pool;
    private final TrainingSteps<Gpt2, TokenBatch> steps;

    /// Over the frozen weights of `like`, on its batch.
    public FrozenStep(Backend backend, LoraStep like) {
        pool = new Pool(backend);
        Gpt2Config config = like.adapted().model().config();
        Tunable<Gpt2> model = new Tunable<>(like.store(),
                new Architecture<>((weights, projections) -> new Gpt2(config, weights, projections)),
                List.of(TRAINED), UnaryOperator.identity());
        steps = new StepChoices(LoraStep.LEARNING_RATE, LoraStep.WEIGHT_DECAY, false, 0).of(
                new HeadOnly(), model, Objective::tokens, _ -> List.of(like.batch()), pool);
    }

    /// One forward and backward pass, and the update of the one bias.
    public StepResult step() {
        return steps.trainer().step();
    }

    /// What trains: one bias.
    List<Trainable> trained() {
        return steps.tuned().trainables();
    }

    @Override
    public void close() {
        steps.tuned().close();
        pool.close();
    }
}
