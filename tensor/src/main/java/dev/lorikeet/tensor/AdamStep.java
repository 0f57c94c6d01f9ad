package dev.lorikeet.tensor;

/// The numbers of one Adam-like update, the same for every parameter of a group:
///
/// ```text
/// g ← gradScale·g + l2·p
/// m ← β₁·m + (1 − β₁)·g          v ← β₂·v + (1 − β₂)·g²
/// p ← (1 − decayBefore)·p
/// p ← p − stepSize·m / (denominatorScale·√v + ε)
/// p ← (1 − decayAfter)·p
/// ```
///
/// AdamW as PyTorch has it: `stepSize = lr/(1 − β₁ᵗ)`, `denominatorScale = 1/√(1 − β₂ᵗ)`, `decayBefore = lr·wd`.
/// AdamW of loralib's GPT-2 example: `stepSize = lr·√(1 − β₂ᵗ)/(1 − β₁ᵗ)`, `denominatorScale = 1`,
/// `decayAfter = lr·wd`.
public record AdamStep(
        double stepSize,
        double beta1,
        double beta2,
        double epsilon,
        double denominatorScale,
        double decayBefore,
        double decayAfter,
        double l2,
        double gradScale) {}
