package dev.lorikeet.tensor;

/// What an attention kernel needs to know besides its tensors.
///
/// @param heads   number of heads; the columns of q, k and v are split into that many equal parts
/// @param scale   factor of `q·kᵀ`, usually `1/√(C/heads)`
/// @param causal  query `i` of a sequence with `Tq` queries and `Tk` keys sees keys `0 … i + Tk − Tq` only
/// @param dropout probability of dropping an attention weight; 0 drops none
/// @param key     random stream of the dropout mask, null if `dropout` is 0. The weight of head `h` between query row
///                `i` (of the whole batch) and the `j`-th key of its sequence is element `(h·N + i)·2²⁰ + j` of the
///                stream, `N = queries.realRows()`; see [Kernels#dropout] for the mask
public record AttentionSpec(int heads, double scale, boolean causal, double dropout, RandomKey key) {
    public AttentionSpec {
        if (heads < 1) {
            throw new IllegalArgumentException("heads must be >= 1, was " + heads);
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout must be in [0, 1), was " + dropout);
        }
        if (dropout > 0 && key == null) {
            throw new IllegalArgumentException("dropout needs a random key");
        }
    }

    /// Without dropout.
    public AttentionSpec(int heads, double scale, boolean causal) {
        this(heads, scale, causal, 0, null);
    }

    /// This specification with dropout drawn from `key`.
    public AttentionSpec withDropout(double probability, RandomKey key) {
        return new AttentionSpec(heads, scale, causal, probability, key);
    }
}
