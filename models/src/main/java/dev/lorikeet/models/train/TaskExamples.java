package dev.lorikeet.models.train;

import dev.lorikeet.models.ModelConfig;
import dev.lorikeet.models.batch.Batch;
import dev.lorikeet.models.data.Batches;
import dev.lorikeet.models.method.Tunable;
import java.util.Optional;

/// A task's data as examples for one base model: see [TaskData#examples].
///
/// @param <M> what the task needs of a model
/// @param <B> the kind of batch
public sealed interface TaskExamples<M, B extends Batch<B>> permits LanguageExamples, GlueExamples {
    /// How many there are to train on.
    int size();

    /// The most tokens of one of them.
    int maxLength();

    /// The base with what the task puts on it.
    Tunable<M> model();

    /// The configuration of that model.
    ModelConfig config();

    /// PEFT's name for what the model does.
    String taskType();

    /// Shuffled batches, epoch after epoch.
    Batches<B> batches(TrainingPlan plan, long seed);

    /// What training makes smaller.
    Objective<B> objective(M model);

    /// What is held out, if anything is.
    Optional<? extends HeldOutExamples<M>> heldOut();
}
