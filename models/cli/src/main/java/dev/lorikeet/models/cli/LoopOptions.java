package dev.lorikeet.models.cli;

import dev.lorikeet.models.train.TrainingPlan;
import dev.lorikeet.models.train.TrainingPlanBuilder;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/// How long and how fast to train.
final class LoopOptions {
    @Option(names = "--steps", defaultValue = "1000", description = "Optimizer steps. Default: ${DEFAULT-VALUE}.")
    private long steps;

    @Option(names = "--epochs", defaultValue = "0", paramLabel = "N",
            description = "Passes over the data, instead of --steps. 0: as --steps says.")
    private int epochs;

    @Option(names = "--batch", defaultValue = "8", description = "Sequences per batch. Default: ${DEFAULT-VALUE}.")
    private int batch;

    @Option(names = "--accumulate", defaultValue = "1",
            description = "Batches per step; same result as one big batch. Default: ${DEFAULT-VALUE}.")
    private int accumulate;

    @Option(names = "--tokens-at-once", paramLabel = "N",
            description = "A batch of more tokens is computed in parts, one after the other, in the memory of one "
                    + "part; same result as at once. Default: 1024 on a processor, all on a GPU.")
    private Integer tokensAtOnce;

    @Option(names = "--lr", defaultValue = "1e-3", description = "Peak learning rate. Default: ${DEFAULT-VALUE}.")
    private double lr;

    @Option(names = "--schedule", defaultValue = "linear", paramLabel = "SHAPE",
            description = "linear, cosine or constant. Default: ${DEFAULT-VALUE}.")
    private TrainingPlan.Shape shape;

    @Option(names = "--warmup", defaultValue = "50", description = "Steps of warm-up. Default: ${DEFAULT-VALUE}.")
    private long warmup;

    @Option(names = "--warmup-ratio", defaultValue = "0", paramLabel = "R",
            description = "Warm-up as a share of all steps, instead of --warmup. 0: as --warmup says.")
    private double warmupRatio;

    @Option(names = "--weight-decay", defaultValue = "0.01", description = "Default: ${DEFAULT-VALUE}.")
    private double weightDecay;

    @Option(names = "--clip", defaultValue = "1",
            description = "Largest global gradient norm, 0 for none. Default: ${DEFAULT-VALUE}.")
    private double clip;

    @Option(names = "--label-smoothing", defaultValue = "0", paramLabel = "E",
            description = "Default: ${DEFAULT-VALUE}.")
    private double smoothing;

    @Option(names = "--eval-every", defaultValue = "200",
            description = "Steps, 0: at the end. Default: ${DEFAULT-VALUE}.")
    private long evalEvery;

    @Option(names = "--save-every", defaultValue = "100",
            description = "Steps, 0: at the end. Default: ${DEFAULT-VALUE}.")
    private long saveEvery;

    @Option(names = "--seed", defaultValue = "1",
            description = "Of A, the order of the data and dropout. Default: ${DEFAULT-VALUE}.")
    long seed;

    @Option(names = "--checkpoint-blocks",
            description = "Save only the input of each block and compute the rest again in the backward pass: the same "
                    + "gradients, bit for bit, in less memory and about a third more time.")
    private boolean checkpointBlocks;

    /// @param sentences     whether the task judges sentences: as in the paper's scripts matrices decay and biases do
    ///                      not then, and the model is evaluated after every epoch if nothing else is asked for
    /// @param groupByLength whether a batch gets sequences of about the same length
    /// @throws dev.lorikeet.models.choice.ChoiceException if something cannot be
    TrainingPlan plan(CommandSpec spec, boolean sentences, boolean groupByLength) {
        TrainingPlanBuilder plan = TrainingPlan.builder()
                .batch(batch).accumulate(accumulate).groupByLength(groupByLength)
                .lr(lr).shape(shape).weightDecay(weightDecay).clip(clip).smoothing(smoothing)
                .evalEvery(evalEvery).saveEvery(saveEvery).recompute(checkpointBlocks);
        plan = epochs == 0 ? plan.steps(steps) : plan.epochs(epochs);
        plan = warmupRatio == 0 ? plan.warmup(warmup) : plan.warmupRatio(warmupRatio);
        plan = tokensAtOnce == null ? plan : plan.tokensAtOnce(tokensAtOnce);
        if (sentences) {
            plan = plan.decays(TrainingPlan.Decays.MATRICES);
            plan = spec.commandLine().getParseResult().hasMatchedOption("--eval-every") ? plan : plan.evalEveryEpoch();
        }
        return plan.build();
    }
}
