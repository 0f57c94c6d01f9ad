package dev.lorikeet.models.train;

import dev.lorikeet.models.base.BaseModel;
import dev.lorikeet.tensor.Backend;

/// Watches a [FineTuning]: what the runs have in common, and where each begins and ends, besides its steps.
public interface FineTuningListener extends TrainingListener {
    /// After the data have been read.
    default void onExamples(BaseModel base, Backend backend, TaskExamples<?, ?> examples) {}

    /// Before the first step of a run; if it is resumed, after its checkpoint has been read.
    default void onStart(FineTuningRun<?, ?> run) {}

    /// After the last step of a run.
    default void onEnd(FineTuningResult result) {}
}
