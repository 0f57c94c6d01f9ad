package dev.lorikeet.bench.steps;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.models.HostValues;
import dev.lorikeet.models.batch.LabelledBatch;
import dev.lorikeet.models.method.Lora;
import dev.lorikeet.models.method.Tunable;
import dev.lorikeet.models.roberta.RobertaClassifier;
import dev.lorikeet.models.roberta.RobertaConfig;
import dev.lorikeet.models.train.StepResult;
import dev.lorikeet.models.train.TrainingData;
import dev.lorikeet.models.train.TrainingSteps;
import dev.lorikeet.nn.BaseDType;
import dev.lorikeet.nn.WeightSource;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Pool;
import java.util.List;

/// The training step of the paper's GLUE experiments: a RoBERTa with random frozen weights, LoRA with α = 16 on query
/// and value, a classification head trained as a whole, AdamW, no dropout, one label for each text. As `train` does, it
/// computes as many tokens at once as the device likes.
public final class ClassifierStep implements MeasuredStep {
    /// Learning rate of AdamW, constant.
    public static final double LEARNING_RATE = 5e-4;
    /// Its decoupled weight decay.
    public static final double WEIGHT_DECAY = 0.1;
    /// α of the adapters.
    public static final int ALPHA = 16;
    private static final long SEED = 5;
    private static final StepChoices STEP = new StepChoices(LEARNING_RATE, WEIGHT_DECAY, true, SEED);

    private final Backend backend;
    private final Pool pool;
    private final WeightStore store;
    private final TrainingSteps<RobertaClassifier, LabelledBatch> steps;
    private final LabelledBatch batch;

    /// Every step on the same random tokens and classes.
    ///
    /// @param config  the model with its classes; its dropout is switched off
    /// @param lengths tokens of each text
    public ClassifierStep(Backend backend, RobertaConfig config, int rank, int... lengths) {
        this(backend, config, rank, always(batch(config, lengths)));
    }

    /// The batch of every step with these arguments.
    public static LabelledBatch batch(RobertaConfig config, int... lengths) {
        return new RandomTexts(config, TextLengths.of(lengths)).batch();
    }

    /// Steps on `data`.
    public ClassifierStep(Backend backend, RobertaConfig config, int rank, TrainingData<LabelledBatch> data) {
        this(backend, config, rank, BaseDType.STORED, data);
    }

    /// @param base how the frozen matrices are kept
    public ClassifierStep(
            Backend backend, RobertaConfig config, int rank, BaseDType base, TrainingData<LabelledBatch> data) {
        this.backend = backend;
        this.pool = new Pool(backend);
        this.store = new WeightStore(backend, WeightSource.random(SEED), DType.F32, base);
        LoraConfig lora = LoraConfig.builder().rank(rank).alpha(ALPHA).targets(config.paperTargets())
                .modulesToSave(RobertaConfig.HEADS).build();
        this.steps = STEP.of(Lora.of(lora), Tunable.of(store, config.withDropout(0).classifier()),
                model -> model::loss, data, pool);
        this.batch = data.window(0).getFirst();
    }

    private static TrainingData<LabelledBatch> always(LabelledBatch batch) {
        return _ -> List.of(batch);
    }

    @Override
    public StepResult step() {
        return steps.trainer().step();
    }

    /// The loss on [#batch] without anything saved for a backward pass.
    public double loss() {
        try (Tape tape = Tape.inference(pool)) {
            Activation loss = steps.tuned().model().loss(tape, batch, 0, 1.0 / batch.labelled());
            return HostValues.doubles(backend, loss.value())[0];
        }
    }

    /// The batch of the first step: of every step, if built with lengths.
    public LabelledBatch batch() {
        return batch;
    }

    /// The pool that step memory comes from.
    public Pool pool() {
        return pool;
    }

    @Override
    public WeightStore store() {
        return store;
    }

    @Override
    public LoraAdapter adapter() {
        return steps.tuned().adapted().orElseThrow().adapters().getFirst();
    }

    @Override
    public void close() {
        steps.tuned().close();
        pool.close();
    }
}
