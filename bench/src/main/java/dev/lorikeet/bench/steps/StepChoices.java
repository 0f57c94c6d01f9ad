package dev.lorikeet.bench.steps;

import dev.lorikeet.models.batch.Batch;
import dev.lorikeet.models.method.Method;
import dev.lorikeet.models.method.Tunable;
import dev.lorikeet.models.train.Objective;
import dev.lorikeet.models.train.TrainingData;
import dev.lorikeet.models.train.TrainingPlan;
import dev.lorikeet.models.train.TrainingPlanBuilder;
import dev.lorikeet.models.train.TrainingSteps;
import dev.lorikeet.tensor.Pool;
import java.util.function.Function;

/// What the measured steps have in common: AdamW with a constant learning rate, no clipping, and no end.
///
/// @param lr          learning rate
/// @param weightDecay decoupled weight decay
/// @param inParts     whether a batch is computed in parts, as many tokens at once as the device likes
/// @param seed        of everything random
record StepChoices(double lr, double weightDecay, boolean inParts, long seed) {
    private static final int ENDLESS = 1_000_000;

    /// The steps of a model with a method applied to it, put together as [dev.lorikeet.models.train.FineTuning] does.
    <M, B extends Batch<B>> TrainingSteps<M, B> of(Method method, Tunable<M> model,
            Function<M, Objective<B>> objective, TrainingData<B> data, Pool pool) {
        TrainingPlanBuilder choices = TrainingPlan.builder().steps(ENDLESS).lr(lr)
                .shape(TrainingPlan.Shape.CONSTANT).warmup(0).weightDecay(weightDecay).clip(0);
        TrainingPlan plan = (inParts ? choices : choices.tokensAtOnce(Integer.MAX_VALUE)).build();
        return TrainingSteps.of(method.apply(model, seed), objective, data, plan, plan.settings(1, seed), pool);
    }
}
