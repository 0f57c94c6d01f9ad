package dev.lorikeet.models.cli;

import picocli.CommandLine.Model.CommandSpec;

/// What `lorikeet train` was asked for, whatever the task.
///
/// @param spec     the command
/// @param base     the model to adapt
/// @param baseType how its matrices are kept
/// @param data     what to train on, and where the run goes
/// @param lora     the adapter
/// @param loop     how long and how fast
/// @param device   where
record TrainingCommon(
        CommandSpec spec, BaseOption base, BaseTypeOption baseType, DataOptions data, LoraOptions lora,
        LoopOptions loop, DeviceOption device) {}
