package dev.lorikeet.tensor;

/// Elementwise functions with their derivatives, as [Kernels#map] and [Kernels#mapBackward] apply them.
public enum UnaryFunction {
    /// `x·Φ(x) ≈ ½x(1 + tanh(√(2/π)(x + 0.044715x³)))`: GPT-2's `gelu_new`.
    GELU_TANH,
    /// `x·Φ(x) = ½x(1 + erf(x/√2))`: RoBERTa's `gelu`.
    GELU_ERF,
    /// `max(x, 0)`, derivative 0 at 0.
    RELU,
    /// `x` or `0.01·x` where `x < 0`, derivative 0.01 at 0.
    LEAKY_RELU,
    /// `tanh(x)`.
    TANH,
    /// `1 / (1 + e⁻ˣ)`.
    SIGMOID,
    /// `x / (1 + e⁻ˣ)`, also called swish.
    SILU,
    /// `ln(1 + eˣ)`.
    SOFTPLUS,
    /// `eˣ`.
    EXP,
    /// `ln x`.
    LOG,
    /// `√x`.
    SQRT,
    /// `1/√x`.
    RSQRT,
    /// `1/x`.
    RECIPROCAL
}
