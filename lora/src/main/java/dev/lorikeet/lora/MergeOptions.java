package dev.lorikeet.lora;

import dev.lorikeet.tensor.DType;

/// How to merge.
///
/// @param target  element type of the merged weights, or null for the type that each weight has
/// @param maxLoss the largest share of an update, `‖rounding error‖/‖ΔW‖`, that may be lost to rounding; 1 and more
///                allows everything
public record MergeOptions(DType target, double maxLoss) {
    public MergeOptions {
        if (target != null && !target.isFloating()) {
            throw new IllegalArgumentException("weights cannot be merged into " + target);
        }
        if (!(maxLoss >= 0)) {
            throw new IllegalArgumentException("the largest loss must be at least 0, was " + maxLoss);
        }
    }

    /// Into the type each weight has, losing at most a tenth.
    public static MergeOptions defaults() {
        return new MergeOptions(null, 0.1);
    }

    /// Into another element type.
    public MergeOptions into(DType dtype) {
        return new MergeOptions(dtype, maxLoss);
    }

    /// However much is lost.
    public MergeOptions whateverIsLost() {
        return new MergeOptions(target, Double.MAX_VALUE);
    }
}
