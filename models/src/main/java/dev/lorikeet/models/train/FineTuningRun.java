package dev.lorikeet.models.train;

import dev.lorikeet.models.base.BaseModel;
import dev.lorikeet.models.batch.Batch;
import dev.lorikeet.models.method.Provenance;
import dev.lorikeet.models.method.Tunable;
import dev.lorikeet.models.method.Tuned;
import dev.lorikeet.tensor.Pool;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// One run of a [FineTuning]: the model in memory, ready to be trained and evaluated. [#close] frees what is trained.
///
/// @param <M> what the task needs of a model
/// @param <B> the kind of batch
public final class FineTuningRun<M, B extends Batch<B>> implements AutoCloseable {
    private final FineTuning<M, B> choices;
    private final BaseModel base;
    private final Pool pool;
    private final TaskExamples<M, B> examples;
    private final long seed;
    private final Path directory;
    private final TrainingSettings settings;
    private final Tuned<M> tuned;
    private final Optional<Evaluator> evaluator;
    private long made;

    FineTuningRun(FineTuning<M, B> choices, BaseModel base, Pool pool, TaskExamples<M, B> examples, long seed,
            Path directory) {
        this.choices = choices;
        this.base = base;
        this.pool = pool;
        this.examples = examples;
        this.seed = seed;
        this.directory = directory;
        this.settings = choices.plan().settings(examples.size(), seed);
        Tunable<M> model = examples.model();
        this.tuned = choices.method().apply(model, seed);
        this.evaluator = examples.heldOut().map(heldOut -> heldOut.evaluator(pool, tuned.model()));
    }

    /// Its choices.
    public FineTuning<M, B> choices() {
        return choices;
    }

    /// The base model.
    public BaseModel base() {
        return base;
    }

    /// What it trains on.
    public TaskExamples<M, B> examples() {
        return examples;
    }

    /// The model with what is trained of it.
    public Tuned<M> tuned() {
        return tuned;
    }

    /// The seed of this run.
    public long seed() {
        return seed;
    }

    /// The number of steps that were made before the run was resumed.
    public long made() {
        return made;
    }

    /// What the plan makes of the data.
    public TrainingSettings settings() {
        return settings;
    }

    /// Judges the model as it is now; empty if nothing is held out.
    public Optional<Evaluation> evaluate() {
        return evaluator.map(Evaluator::evaluate);
    }

    /// Makes the steps that remain and tells nobody; the log in the run's directory has them.
    public FineTuningResult run() {
        return run(new FineTuningListener() {});
    }

    /// Makes the steps that remain.
    ///
    /// @throws NonFiniteLossException                 if a loss is not finite
    /// @throws dev.lorikeet.tensor.io.FormatException if that is so because a weight of the base is not, or if a
    ///                                                checkpoint cannot be resumed
    public FineTuningResult run(FineTuningListener listener) {
        TrainingSteps<M, B> steps = TrainingSteps.of(tuned, examples::objective,
                new ExampleWindows<>(examples.batches(choices.plan(), seed), choices.plan().accumulate()),
                choices.plan(), settings, pool);
        Path result = tuned.result(directory);
        Provenance provenance = new Provenance(base, baseName(), examples.config(), examples.taskType());
        TrainingRun run = new TrainingRun(steps.trainer(), evaluator.orElse(null), directory,
                Fingerprint.of(choices, base, examples, seed), () -> tuned.write(result, provenance));
        made = choices.resume() ? run.resume() : 0;
        listener.onStart(this);
        TrainingState state = run(run, List.of(new MetricsLog(directory, made), listener));
        FineTuningResult end = new FineTuningResult(seed, directory, result, state, pool.peakBytes());
        listener.onEnd(end);
        return end;
    }

    private TrainingState run(TrainingRun run, List<TrainingListener> listeners) {
        try {
            return run.run(listeners);
        } catch (NonFiniteLossException e) {
            base.requireFinite();
            throw e;
        }
    }

    private String baseName() {
        return choices.baseName() == null ? Fingerprint.name(base.directory()) : choices.baseName();
    }

    @Override
    public void close() {
        tuned.close();
    }
}
