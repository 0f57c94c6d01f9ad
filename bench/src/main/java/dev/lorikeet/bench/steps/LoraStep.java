package dev.lorikeet.bench.steps;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.TapeReport;
import dev.lorikeet.lora.AdaptedModel;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.models.Architecture;
import dev.lorikeet.models.FreshModel;
import dev.lorikeet.models.HostValues;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.gpt2.Gpt2;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.models.method.Lora;
import dev.lorikeet.models.method.Tunable;
import dev.lorikeet.models.train.Objective;
import dev.lorikeet.models.train.StepResult;
import dev.lorikeet.models.train.TrainingData;
import dev.lorikeet.models.train.TrainingSteps;
import dev.lorikeet.nn.WeightSource;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Philox;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.RandomKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The training step that the benchmarks measure: a GPT-2 with random frozen weights, LoRA with r = 4 and α = 32 on the
/// query and value columns of `c_attn`, AdamW, no dropout, every token but a sequence's first labelled.
public final class LoraStep implements MeasuredStep {
    /// Small enough to weigh nothing beside the JVM, with every kind of layer.
    public static final Gpt2Config TINY = Gpt2Config.fresh(new FreshModel(301, 128, 48, 2, 4, -1));

    /// Learning rate of AdamW, constant.
    public static final double LEARNING_RATE = 2e-4;
    /// Its decoupled weight decay.
    public static final double WEIGHT_DECAY = 0.01;
    /// α of the adapters.
    public static final int ALPHA = 32;
    private static final long SEED = 5;
    private static final StepChoices STEP = new StepChoices(LEARNING_RATE, WEIGHT_DECAY, false, SEED);

    private final Backend backend;
    private final Pool pool;
    private final WeightStore store;
    private final TrainingSteps<Gpt2, TokenBatch> steps;
    private final TokenBatch batch;

    /// Every step on the same random tokens.
    ///
    /// @param config  the model; its dropout is switched off
    /// @param lengths tokens of each sequence
    public LoraStep(Backend backend, Gpt2Config config, int rank, int... lengths) {
        this(backend, config, rank, always(batch(config.vocabSize(), lengths)));
    }

    /// Steps on `data`.
    public LoraStep(Backend backend, Gpt2Config config, int rank, TrainingData<TokenBatch> data) {
        this(backend, config, LoraSetting.ofPaper(rank), data);
    }

    /// Steps on `data` with another choice of what is adapted.
    public LoraStep(Backend backend, Gpt2Config config, LoraSetting setting, TrainingData<TokenBatch> data) {
        this.backend = backend;
        this.pool = new Pool(backend);
        this.store = new WeightStore(backend, WeightSource.random(SEED), DType.F32, setting.base());
        Gpt2Config quiet = config.withDropout(0);
        this.steps = STEP.of(Lora.of(setting.rank(), ALPHA, setting.targets()), Tunable.of(store,
                new Architecture<>((weights, projections) -> new Gpt2(quiet, weights, projections))),
                Objective::tokens, data, pool);
        this.batch = data.window(0).getFirst();
    }

    /// The same batch of random tokens in every step.
    public static TrainingData<TokenBatch> always(int vocabulary, int... lengths) {
        return always(batch(vocabulary, lengths));
    }

    private static TrainingData<TokenBatch> always(TokenBatch batch) {
        return _ -> List.of(batch);
    }

    private static TokenBatch batch(int vocabulary, int[] lengths) {
        List<int[]> sequences = new ArrayList<>();
        for (int s = 0; s < lengths.length; s++) {
            int[] ids = new int[lengths[s]];
            for (int t = 0; t < ids.length; t++) {
                ids[t] = Integer.remainderUnsigned(Philox.word(new RandomKey(SEED, s), t), vocabulary);
            }
            sequences.add(ids);
        }
        return TokenBatch.of(sequences);
    }

    @Override
    public StepResult step() {
        return steps.trainer().step();
    }

    /// Tokens of [#batch].
    public int tokens() {
        return batch.tokens();
    }

    /// The loss on [#batch] without anything saved for a backward pass.
    public double loss() {
        try (Tape tape = Tape.inference(pool)) {
            Activation loss = adapted().model().loss(tape, batch, 0, 1.0 / batch.labelled()).loss();
            return HostValues.doubles(backend, loss.value())[0];
        }
    }

    /// The pool that step memory comes from.
    public Pool pool() {
        return pool;
    }

    /// The batch of the first step: of every step, if built with lengths.
    public TokenBatch batch() {
        return batch;
    }

    @Override
    public WeightStore store() {
        return store;
    }

    @Override
    public LoraAdapter adapter() {
        return adapted().adapters().getFirst();
    }

    /// The adapted model.
    public AdaptedModel<Gpt2> adapted() {
        return steps.tuned().adapted().orElseThrow();
    }

    /// What one forward pass saves for its backward.
    public TapeReport saved() {
        try (Tape tape = Tape.training(pool, null)) {
            adapted().model().loss(tape, batch, 0, 1);
            return tape.report();
        }
    }

    /// Bytes by category, as a table; call it after some steps.
    public String memory() {
        long weights = store.bytes();
        long adapters = adapter().parameterCount() * Float.BYTES;
        long saved = saved().savedBytes();
        long temporaries = pool.ownedBytes() - saved;
        StringBuilder table = new StringBuilder();
        row(table, "frozen weights", weights);
        row(table, "adapter weights", adapters);
        row(table, "gradients", adapters);
        row(table, "optimizer", steps.optimizer().bytes());
        row(table, "saved activations", saved);
        row(table, "temporaries", temporaries);
        row(table, "kernel workspace", backend.workspaceBytes());
        row(table, "sum", weights + 2 * adapters + steps.optimizer().bytes() + pool.ownedBytes()
                + backend.workspaceBytes());
        return table.toString();
    }

    private static void row(StringBuilder table, String name, long bytes) {
        table.append(String.format(Locale.ROOT, "%-20s %,15d bytes%n", name, bytes));
    }

    @Override
    public void close() {
        steps.tuned().close();
        pool.close();
    }
}
