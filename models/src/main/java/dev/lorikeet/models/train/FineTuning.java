package dev.lorikeet.models.train;

import dev.lorikeet.models.base.BaseModel;
import dev.lorikeet.models.batch.Batch;
import dev.lorikeet.models.choice.ChoiceException;
import dev.lorikeet.models.method.Method;
import dev.lorikeet.tensor.Pool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// Fine-tuning of a base model for a task: all choices in one record, everything that happens told to listeners,
/// everything that is learned in the directory of the run.
///
/// ```java
/// var tuning = FineTuning.of(LanguageData.jsonLines(train, valid), Lora.of(8, 16, "c_attn"), plan, output);
/// tuning.run(base, pool, listener);
/// ```
///
/// A run's directory gets the tuned weights (of the best evaluation, or of the end if nothing is held out), the log of
/// its steps ([MetricsLog]) and a checkpoint from which a [resumed][#resumed] run goes on bit for bit.
///
/// @param data         the task and its data
/// @param method       what is trained
/// @param plan         how long and how fast
/// @param modelDropout dropout inside the frozen model, if not what its configuration says
/// @param seeds        one run for each
/// @param output       directory of the run, or of the runs
/// @param baseName     what the result calls the base; null for the name of its directory
/// @param resume       whether to go on from the checkpoint, where there is one
/// @param <M>          what the task needs of a model
/// @param <B>          the kind of batch
public record FineTuning<M, B extends Batch<B>>(
        TaskData<M, B> data, Method method, TrainingPlan plan, OptionalDouble modelDropout, Seeds seeds, Path output,
        String baseName, boolean resume) {
    public FineTuning {
        double dropout = modelDropout.orElse(0);
        ChoiceException.require(dropout >= 0 && dropout < 1, "modelDropout", "in [0, 1)", dropout);
    }

    /// One new run with seed 1.
    public static <M, B extends Batch<B>> FineTuning<M, B> of(
            TaskData<M, B> data, Method method, TrainingPlan plan, Path output) {
        return new FineTuning<>(data, method, plan, OptionalDouble.empty(), Seeds.one(1), output, null, false);
    }

    /// With other seeds.
    public FineTuning<M, B> with(Seeds others) {
        return new FineTuning<>(data, method, plan, modelDropout, others, output, baseName, resume);
    }

    /// With another dropout inside the frozen model.
    public FineTuning<M, B> withModelDropout(double p) {
        return new FineTuning<>(data, method, plan, OptionalDouble.of(p), seeds, output, baseName, resume);
    }

    /// With a name for the base.
    public FineTuning<M, B> withBaseName(String name) {
        return new FineTuning<>(data, method, plan, modelDropout, seeds, output, name, resume);
    }

    /// Going on from a checkpoint in the output directory, if there is one.
    public FineTuning<M, B> resumed() {
        return new FineTuning<>(data, method, plan, modelDropout, seeds, output, baseName, true);
    }

    /// Trains once for each seed.
    ///
    /// @param pool where steps find their memory
    /// @return what each run has left behind, in the order of the seeds
    /// @throws IllegalArgumentException               if the choices do not fit each other, the base or the data
    /// @throws dev.lorikeet.models.data.DataException if the data cannot be used
    /// @throws NonFiniteLossException                 if a loss is not finite
    public List<FineTuningResult> run(BaseModel base, Pool pool, FineTuningListener listener) {
        Map<Long, Path> directories = seeds.directories(output);
        directories.values().forEach(this::requireFree);
        TaskExamples<M, B> examples = examples(base);
        listener.onExamples(base, pool.backend(), examples);
        List<FineTuningResult> results = new ArrayList<>();
        directories.forEach((seed, directory) -> {
            try (FineTuningRun<M, B> run = new FineTuningRun<>(this, base, pool, examples, seed, directory)) {
                results.add(run.run(listener));
            }
        });
        return results;
    }

    /// The run of the first seed before its first step, for those who want to look at the model before and after. It
    /// begins with [FineTuningRun#run].
    public FineTuningRun<M, B> open(BaseModel base, Pool pool) {
        Map.Entry<Long, Path> first = seeds.directories(output).entrySet().iterator().next();
        requireFree(first.getValue());
        return new FineTuningRun<>(this, base, pool, examples(base), first.getKey(), first.getValue());
    }

    private TaskExamples<M, B> examples(BaseModel base) {
        return data.examples(base, modelDropout, plan.batch());
    }

    private void requireFree(Path directory) {
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new ChoiceException("%s is a file; give a directory".formatted(directory), "output");
        }
        if (!resume && Files.exists(directory.resolve(TrainingRun.STATE_FILE))) {
            throw new ChoiceException(
                    "%s holds a run already; resume it or give another directory".formatted(directory), "resume",
                    "output");
        }
    }
}
