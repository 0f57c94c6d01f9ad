package dev.lorikeet.models.train;

import java.nio.file.Path;

/// What a run of a [FineTuning] has left behind.
///
/// @param seed      of the run
/// @param directory of the run
/// @param written   in it, the tuned weights: a PEFT directory, or a whole model
/// @param state     after the last step
/// @param peakBytes of memory for steps, at most
public record FineTuningResult(long seed, Path directory, Path written, TrainingState state, long peakBytes) {
    /// The evaluation whose weights were kept, also if it was before the run was resumed.
    ///
    /// @throws dev.lorikeet.tensor.io.FormatException if the run's log has none
    public BestEvaluation best() {
        return BestEvaluation.read(directory);
    }
}
