package dev.lorikeet.nn;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.AttentionSpec;

/// Multi-head self-attention with a projection each for queries, keys and values, as in BERT and RoBERTa; the output
/// projection belongs to the block.
///
/// @param query   `(M, C) → (M, C)`
/// @param key     `(N, C) → (N, C)`
/// @param value   `(N, C) → (N, C)`
/// @param spec    heads, scale, causality
/// @param dropout of attention weights
public record SelfAttention(Projection query, Projection key, Projection value, AttentionSpec spec, double dropout) {
    /// Queries are computed for some rows alone, keys and values for every row.
    ///
    /// @param asking `(M, C)`, the rows of x that [Attend#queries] gives
    /// @param x      `(N, C)`
    /// @param how    the rows attend to one another
    /// @return `(M, C)`
    public Activation forward(Tape tape, Variable asking, Variable x, Attend how) {
        AttentionSpec dropped = Attend.dropped(tape, spec, dropout);
        return how.attend(
                tape, query.forward(tape, asking), key.forward(tape, x), value.forward(tape, x), dropped);
    }
}
