package dev.lorikeet.models.train;

/// Watches a training run: progress bars and logs.
public interface TrainingListener {
    /// After every optimizer step.
    default void onStep(StepResult result) {}

    /// After every evaluation.
    ///
    /// @param best whether this has the highest score so far
    default void onEvaluation(long step, Evaluation evaluation, boolean best) {}

    /// After a checkpoint has been written.
    default void onSaved(long step) {}
}
