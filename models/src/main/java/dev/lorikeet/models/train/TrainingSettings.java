package dev.lorikeet.models.train;

import dev.lorikeet.nn.optim.Schedule;

/// How to train.
///
/// @param steps      optimizer steps in all
/// @param lr         peak learning rate
/// @param schedule   factor of the learning rate by step
/// @param clip       largest global gradient norm; 0 does not clip
/// @param smoothing  label smoothing
/// @param seed       of the dropout masks
/// @param evalEvery  steps between evaluations; 0 evaluates at the end only
/// @param saveEvery  steps between checkpoints; 0 saves at the end only
/// @param recompute  whether to save only the inputs of blocks and compute the rest again in the backward pass: the
///                   same numbers in less memory and more time
public record TrainingSettings(
        long steps, double lr, Schedule schedule, double clip, double smoothing, long seed, long evalEvery,
        long saveEvery, boolean recompute) {
    public TrainingSettings {
        if (steps < 1) {
            throw new IllegalArgumentException("steps must be >= 1, was " + steps);
        }
        if (!(lr > 0) || Double.isInfinite(lr)) {
            throw new IllegalArgumentException("learning rate must be > 0 and finite, was " + lr);
        }
        if (!(smoothing >= 0 && smoothing < 1)) {
            throw new IllegalArgumentException("label smoothing must be in [0, 1), was " + smoothing);
        }
        if (evalEvery < 0 || saveEvery < 0) {
            throw new IllegalArgumentException(
                    "steps between evaluations and between checkpoints must be >= 0, were %d and %d".formatted(
                            evalEvery, saveEvery));
        }
        if (!(clip >= 0)) {
            throw new IllegalArgumentException("clip must be >= 0, was " + clip);
        }
    }

    /// The same with another number of steps between evaluations.
    public TrainingSettings evaluatedEvery(long every) {
        return new TrainingSettings(
                steps, lr, schedule, clip, smoothing, seed, every, saveEvery, recompute);
    }

    /// Without recomputation.
    public TrainingSettings(long steps, double lr, Schedule schedule, double clip, double smoothing, long seed,
            long evalEvery, long saveEvery) {
        this(steps, lr, schedule, clip, smoothing, seed, evalEvery, saveEvery, false);
    }
}
