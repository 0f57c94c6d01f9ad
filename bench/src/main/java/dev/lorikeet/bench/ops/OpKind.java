package dev.lorikeet.bench.ops;

/// An op of a transformer block that [OpBenchmark] can measure.
public enum OpKind {
    /// `x·W + b`, W frozen.
    LINEAR,
    /// `x·W + b` and LoRA on the query and value columns of three times as many, A and B train.
    LORA_QKV,
    /// Layer norm with frozen weight and bias.
    LAYER_NORM,
    /// GELU of four times as many columns.
    GELU,
    /// Causal self-attention with 64 columns per head.
    SELF_ATTENTION
}
