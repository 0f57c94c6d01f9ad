package dev.lorikeet.models.method;

import dev.lorikeet.models.ModelConfig;
import dev.lorikeet.models.base.BaseModel;

/// What a file of tuned weights says about where they belong.
///
/// @param base     the base model
/// @param name     what the file calls it
/// @param config   of the tuned model: the base's, perhaps with the head of a task
/// @param taskType PEFT's name for what the model does, such as `CAUSAL_LM`
public record Provenance(BaseModel base, String name, ModelConfig config, String taskType) {}
