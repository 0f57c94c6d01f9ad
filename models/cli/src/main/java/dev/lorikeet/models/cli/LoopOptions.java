package dev.lorikeet.models.cli;

import dev.lorikeet.models.train.Trainer;
import dev.lorikeet.models.train.TrainingSettings;
import dev.lorikeet.nn.optim.Schedule;
import dev.lorikeet.tensor.Device;
import picocli.CommandLine.Option;

/// How long and how fast to train.
final class LoopOptions {
    /// Shapes of the learning rate over time.
    enum Shape { LINEAR, COSINE, CONSTANT }

    @Option(names = "--steps", defaultValue = "1000", description = "Optimizer steps. Default: ${DEFAULT-VALUE}.")
    long steps;

    @Option(names = "--epochs", defaultValue = "0", paramLabel = "N",
            description = "Passes over the data, instead of --steps. 0: as --steps says.")
    int epochs;

    @Option(names = "--batch", defaultValue = "8", description = "Sequences per batch. Default: ${DEFAULT-VALUE}.")
    int batch;

    @Option(names = "--accumulate", defaultValue = "1",
            description = "Batches per step; same result as one big batch. Default: ${DEFAULT-VALUE}.")
    int accumulate;

    @Option(names = "--tokens-at-once", paramLabel = "N",
            description = "A batch of more tokens is computed in parts, one after the other, in the memory of one "
                    + "part; same result as at once. Default: 1024 on a processor, all on a GPU.")
    private Integer tokensAtOnce;

    @Option(names = "--lr", defaultValue = "1e-3", description = "Peak learning rate. Default: ${DEFAULT-VALUE}.")
    double lr;

    @Option(names = "--schedule", defaultValue = "linear", paramLabel = "SHAPE",
            description = "linear, cosine or constant. Default: ${DEFAULT-VALUE}.")
    Shape shape;

    @Option(names = "--warmup", defaultValue = "50", description = "Steps of warm-up. Default: ${DEFAULT-VALUE}.")
    long warmup;

    @Option(names = "--warmup-ratio", defaultValue = "0", paramLabel = "R",
            description = "Warm-up as a share of all steps, instead of --warmup. 0: as --warmup says.")
    double warmupRatio;

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

    /// Number of optimizer steps.
    ///
    /// @param examples number of examples to train on
    long stepsFor(int examples) {
        long batches = Math.ceilDiv(examples, Math.max(1, batch));
        return epochs > 0 ? Math.ceilDiv(batches * epochs, accumulate) : steps;
    }

    /// Most tokens of a part of a batch, but for a longer sequence.
    int tokensAtOnce(Device device) {
        return tokensAtOnce == null ? Trainer.tokensAtOnce(device) : tokensAtOnce;
    }

    /// @param examples number of examples to train on
    TrainingSettings settings(int examples) {
        if (batch < 1 || accumulate < 1 || accumulate > Trainer.MOST_MICRO_BATCHES) {
            throw new IllegalArgumentException(
                    "--batch must be >= 1 and --accumulate from 1 to %d, were %d and %d".formatted(
                            Trainer.MOST_MICRO_BATCHES, batch, accumulate));
        }
        if (tokensAtOnce != null && tokensAtOnce < 1) {
            throw new IllegalArgumentException("--tokens-at-once must be >= 1, was " + tokensAtOnce);
        }
        if (warmup < 0 || evalEvery < 0 || saveEvery < 0) {
            throw new IllegalArgumentException(
                    "--warmup, --eval-every and --save-every must be >= 0, were %d, %d and %d".formatted(
                            warmup, evalEvery, saveEvery));
        }
        if (epochs < 0 || !(warmupRatio >= 0 && warmupRatio <= 1)) {
            throw new IllegalArgumentException(
                    "--epochs must be >= 0 and --warmup-ratio in [0, 1], were %d and %s".formatted(
                            epochs, warmupRatio));
        }
        long total = stepsFor(examples);
        long rise = warmupRatio > 0 ? (long) Math.ceil(warmupRatio * total) : warmup;
        Schedule schedule = switch (shape) {
            case LINEAR -> Schedule.linear(rise, total);
            case COSINE -> Schedule.cosine(rise, total, 0.5);
            case CONSTANT -> Schedule.constant(rise);
        };
        return new TrainingSettings(total, lr, schedule, clip, smoothing, seed, evalEvery, saveEvery,
                checkpointBlocks);
    }

    /// For the fingerprint of a run: everything that changes its numbers.
    @Override
    public String toString() {
        return ("epochs=%d steps=%d batch=%d accumulate=%d at-once=%s lr=%s schedule=%s warmup=%d warmup-ratio=%s "
                + "wd=%s clip=%s smoothing=%s eval=%d seed=%d").formatted(
                        epochs, steps, batch, accumulate, tokensAtOnce, lr, shape, warmup, warmupRatio, weightDecay,
                        clip, smoothing, evalEvery, seed);
    }
}
