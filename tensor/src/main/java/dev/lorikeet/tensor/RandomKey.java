package dev.lorikeet.tensor;

/// Names one stream of the counter-based generator: with the same key, element `i` gets the same random number on every
/// device, however many threads draw it. See [Philox].
///
/// @param seed   the user's seed
/// @param stream which use of the seed: a weight's initialisation, a dropout site of a step
public record RandomKey(long seed, long stream) {
    /// Another stream of the same seed.
    public RandomKey withStream(long other) {
        return new RandomKey(seed, other);
    }
}
