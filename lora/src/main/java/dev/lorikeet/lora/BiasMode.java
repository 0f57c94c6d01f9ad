package dev.lorikeet.lora;

/// Which of the base's biases are trained with an adapter: PEFT's `bias`.
public enum BiasMode {
    /// None of them.
    NONE,
    /// Those of the projections that get an update.
    LORA_ONLY,
    /// All of the model's, those of layer norms included.
    ALL
}
