package dev.lorikeet.models.cli;

import dev.lorikeet.models.train.TrainingSettings;
import dev.lorikeet.nn.optim.Schedule;
import picocli.CommandLine.Option;

/// How long and how fast to train.
final class LoopOptions {
    /// Shapes of the learning rate over time.
    enum Shape { LINEAR, COSINE, CONSTANT }

    @Option(names = "--steps", defaultValue = "1000", description = "Optimizer steps. Default: ${DEFAULT-VALUE}.")
    long steps;

    @Option(names = "--batch", defaultValue = "8", description = "Sequences per batch. Default: ${DEFAULT-VALUE}.")
    int batch;

    @Option(names = "--accumulate", defaultValue = "1",
            description = "Batches per step; same result as one big batch. Default: ${DEFAULT-VALUE}.")
    int accumulate;

    @Option(names = "--lr", defaultValue = "1e-3", description = "Peak learning rate. Default: ${DEFAULT-VALUE}.")
    double lr;

    @Option(names = "--schedule", defaultValue = "linear", paramLabel = "SHAPE",
            description = "linear, cosine or constant. Default: ${DEFAULT-VALUE}.")
    Shape shape;

    @Option(names = "--warmup", defaultValue = "50", description = "Steps of warm-up. Default: ${DEFAULT-VALUE}.")
    long warmup;

    @Option(names = "--weight-decay", defaultValue = "0.01", description = "Default: ${DEFAULT-VALUE}.")
    double weightDecay;

    @Option(names = "--clip", defaultValue = "1",
            description = "Largest global gradient norm, 0 for none. Default: ${DEFAULT-VALUE}.")
    double clip;

    @Option(names = "--label-smoothing", defaultValue = "0", paramLabel = "E",
            description = "Default: ${DEFAULT-VALUE}.")
    double smoothing;

    @Option(names = "--eval-every", defaultValue = "200",
            description = "Steps, 0: at the end. Default: ${DEFAULT-VALUE}.")
    long evalEvery;

    @Option(names = "--save-every", defaultValue = "100",
            description = "Steps, 0: at the end. Default: ${DEFAULT-VALUE}.")
    long saveEvery;

    @Option(names = "--seed", defaultValue = "1",
            description = "Of A, the order of the data and dropout. Default: ${DEFAULT-VALUE}.")
    long seed;

    @Option(names = "--checkpoint-blocks",
            description = "Save only the input of each block and compute the rest again in the backward pass: the same "
                    + "gradients, bit for bit, in less memory and about a third more time.")
    boolean checkpointBlocks;

    TrainingSettings settings() {
        if (batch < 1 || accumulate < 1) {
            throw new IllegalArgumentException(
                    "--batch and --accumulate must be >= 1, were %d and %d".formatted(batch, accumulate));
        }
        Schedule schedule = switch (shape) {
            case LINEAR -> Schedule.linear(warmup, steps);
            case COSINE -> Schedule.cosine(warmup, steps, 0.5);
            case CONSTANT -> Schedule.constant(warmup);
        };
        return new TrainingSettings(steps, lr, schedule, clip, smoothing, seed, evalEvery, saveEvery,
                checkpointBlocks);
    }

    /// For the fingerprint of a run: everything that changes its numbers.
    @Override
    public String toString() {
        return "steps=%d batch=%d accumulate=%d lr=%s schedule=%s warmup=%d wd=%s clip=%s smoothing=%s eval=%d seed=%d"
                .formatted(steps, batch, accumulate, lr, shape, warmup, weightDecay, clip, smoothing, evalEvery, seed);
    }
}
