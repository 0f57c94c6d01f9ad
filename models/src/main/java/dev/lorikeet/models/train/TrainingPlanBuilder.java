package dev.lorikeet.models.train;

import dev.lorikeet.models.choice.ChoiceException;
import dev.lorikeet.nn.optim.AdamWConfig;
import java.util.OptionalInt;

/// Collects the components of a [TrainingPlan]. What is not said is: 1000 steps of 8 sequences, a learning rate of
/// 1e-3 that rises for 50 steps and then falls evenly to 0, AdamW as PyTorch has it with a weight decay of 0.01,
/// gradients clipped to a norm of 1, an evaluation every 200 steps, a checkpoint every 100.
public final class TrainingPlanBuilder {
    private Span length = Span.steps(1000);
    private int batch = 8;
    private int accumulate = 1;
    private OptionalInt tokensAtOnce = OptionalInt.empty();
    private boolean groupByLength;
    private double lr = 1e-3;
    private TrainingPlan.Shape shape = TrainingPlan.Shape.LINEAR;
    private Span warmup = Span.steps(50);
    private double weightDecay = 0.01;
    private TrainingPlan.Decays decays = TrainingPlan.Decays.ALL;
    private double clip = 1;
    private double smoothing;
    private Span evalEvery = Span.steps(200);
    private long saveEvery = 100;
    private boolean recompute;
    private AdamWConfig optimizer = AdamWConfig.defaults();

    TrainingPlanBuilder() {}

    /// So many optimizer steps.
    public TrainingPlanBuilder steps(long steps) {
        length = Span.steps(steps);
        return this;
    }

    /// So many passes over the data.
    public TrainingPlanBuilder epochs(int epochs) {
        ChoiceException.require(epochs >= 0, "epochs", ">= 0", epochs);
        length = Span.epochs(epochs);
        return this;
    }

    /// Sequences of a batch.
    public TrainingPlanBuilder batch(int sequences) {
        batch = sequences;
        return this;
    }

    /// Batches of a step.
    public TrainingPlanBuilder accumulate(int batches) {
        accumulate = batches;
        return this;
    }

    /// Tokens that are computed at once, instead of what suits the device.
    public TrainingPlanBuilder tokensAtOnce(int tokens) {
        tokensAtOnce = OptionalInt.of(tokens);
        return this;
    }

    /// Whether a batch gets sequences of about the same length.
    public TrainingPlanBuilder groupByLength(boolean group) {
        groupByLength = group;
        return this;
    }

    /// Peak learning rate.
    public TrainingPlanBuilder lr(double peak) {
        lr = peak;
        return this;
    }

    /// The learning rate after its warm-up.
    public TrainingPlanBuilder shape(TrainingPlan.Shape after) {
        shape = after;
        return this;
    }

    /// Steps until the learning rate has its peak.
    public TrainingPlanBuilder warmup(long steps) {
        ChoiceException.require(steps >= 0, "warmup", ">= 0", steps);
        warmup = Span.steps(steps);
        return this;
    }

    /// The warm-up as a share of all steps.
    public TrainingPlanBuilder warmupRatio(double share) {
        ChoiceException.require(share >= 0 && share <= 1, "warmupRatio", "in [0, 1]", share);
        warmup = Span.share(share);
        return this;
    }

    /// Weight decay per unit of learning rate.
    public TrainingPlanBuilder weightDecay(double decay) {
        weightDecay = decay;
        return this;
    }

    /// What decays.
    public TrainingPlanBuilder decays(TrainingPlan.Decays what) {
        decays = what;
        return this;
    }

    /// Largest global gradient norm; 0 does not clip.
    public TrainingPlanBuilder clip(double norm) {
        clip = norm;
        return this;
    }

    /// Label smoothing.
    public TrainingPlanBuilder smoothing(double share) {
        smoothing = share;
        return this;
    }

    /// Steps from one evaluation to the next; 0 evaluates at the end only.
    public TrainingPlanBuilder evalEvery(long steps) {
        ChoiceException.require(steps >= 0, "evalEvery", ">= 0", steps);
        evalEvery = Span.steps(steps);
        return this;
    }

    /// An evaluation after each pass over the data.
    public TrainingPlanBuilder evalEveryEpoch() {
        evalEvery = Span.epochs(1);
        return this;
    }

    /// Steps from one checkpoint to the next; 0 saves at the end only.
    public TrainingPlanBuilder saveEvery(long steps) {
        ChoiceException.require(steps >= 0, "saveEvery", ">= 0", steps);
        saveEvery = steps;
        return this;
    }

    /// Whether blocks compute again in the backward pass what they would have to save otherwise: the same gradients in
    /// less memory and more time.
    public TrainingPlanBuilder recompute(boolean blocks) {
        recompute = blocks;
        return this;
    }

    /// What AdamW does with a gradient.
    public TrainingPlanBuilder optimizer(AdamWConfig adamW) {
        optimizer = adamW;
        return this;
    }

    /// @throws ChoiceException if something cannot be
    public TrainingPlan build() {
        return new TrainingPlan(length, batch, accumulate, tokensAtOnce, groupByLength, lr, shape, warmup, weightDecay,
                decays, clip, smoothing, evalEvery, saveEvery, recompute, optimizer);
    }
}
