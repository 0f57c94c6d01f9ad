package dev.lorikeet.autograd;

/// A named tensor that outlives the step.
public sealed interface Weight extends Variable permits Frozen, Trainable {
    /// Its path in the model, as in the checkpoint: `transformer.h.0.attn.c_attn.weight`.
    String name();
}
