package dev.lorikeet.models.train;

import dev.lorikeet.models.batch.Batch;
import dev.lorikeet.models.method.Tuned;
import dev.lorikeet.nn.optim.AdamW;
import dev.lorikeet.tensor.Pool;
import java.util.function.Function;

/// A tuned model, its optimizer, and the [Trainer] that makes steps: what every training of a [Tuned] model consists
/// of, in the one place where it is put together.
///
/// @param tuned     the model
/// @param optimizer of what is trained
/// @param trainer   makes steps
public record TrainingSteps<M, B extends Batch<B>>(Tuned<M> tuned, AdamW optimizer, Trainer<B> trainer) {
    /// @param objective what a model makes smaller
    /// @param data      a window for each step
    /// @param plan      the optimizer, and how much is computed at once
    /// @param settings  what the plan makes of the data
    public static <M, B extends Batch<B>> TrainingSteps<M, B> of(
            Tuned<M> tuned, Function<M, Objective<B>> objective, TrainingData<B> data, TrainingPlan plan,
            TrainingSettings settings, Pool pool) {
        AdamW optimizer =
                new AdamW(pool.backend(), plan.groups(tuned.groups(plan.weightDecay())), plan.optimizer());
        int atOnce = plan.tokensAtOnce(pool.backend().device());
        return new TrainingSteps<>(tuned, optimizer, new Trainer<>(
                objective.apply(tuned.model()), pool, optimizer, data.split(batch -> batch.split(atOnce)), settings));
    }
}
