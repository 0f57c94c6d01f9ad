package dev.lorikeet.models.cli;

import dev.lorikeet.models.BaseModel;
import dev.lorikeet.models.train.NonFiniteLossException;
import dev.lorikeet.models.train.TrainingListener;
import dev.lorikeet.models.train.TrainingRun;
import dev.lorikeet.models.train.TrainingState;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// What `lorikeet train` was asked for, whatever the task.
///
/// @param spec     the command
/// @param base     the model to adapt
/// @param baseDType how its matrices are kept
/// @param data     what to train on, and where the run goes
/// @param lora     the adapter
/// @param loop     how long and how fast
/// @param device   where
record TrainingCommon(
        CommandSpec spec, BaseOption base, BaseDTypeOption baseDType, DataOptions data, LoraOptions lora,
        LoopOptions loop, DeviceOption device) {
    /// Makes a run's remaining steps.
    ///
    /// @throws dev.lorikeet.tensor.io.FormatException if the loss is not finite because a weight of the base is not
    TrainingState run(TrainingRun run, BaseModel model, List<TrainingListener> listeners) {
        try {
            return run.run(listeners);
        } catch (NonFiniteLossException e) {
            model.requireFinite();
            throw e;
        }
    }
}
