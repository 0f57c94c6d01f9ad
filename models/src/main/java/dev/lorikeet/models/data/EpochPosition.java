package dev.lorikeet.models.data;

/// How far [Batches] has come. Two numbers, which a checkpoint writes as JSON: `{"epoch": 2, "index": 800}`.
///
/// @param epoch passes completed, from 0
/// @param index examples of this pass already given out
public record EpochPosition(int epoch, int index) {
    /// The very beginning.
    public static final EpochPosition START = new EpochPosition(0, 0);

    /// Refuses negative numbers.
    public EpochPosition {
        if (epoch < 0 || index < 0) {
            throw new IllegalArgumentException("epoch %d, index %d".formatted(epoch, index));
        }
    }
}
