package dev.lorikeet.nn;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.op.Attention;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Sequences;

/// Multi-head self-attention with a projection each for queries, keys and values, as in BERT and RoBERTa; the output
/// projection belongs to the block.
///
/// @param query   `(N, C) → (N, C)`
/// @param key     `(N, C) → (N, C)`
/// @param value   `(N, C) → (N, C)`
/// @param spec    heads, scale, causality
/// @param dropout of attention weights
public record SelfAttention(Projection query, Projection key, Projection value, AttentionSpec spec, double dropout) {
    /// Every token of a batch.
    public Activation forward(Tape tape, Variable x, Sequences sequences) {
        return forward(tape, x, sequences, x, sequences);
    }

    /// The same where some rows are silent.
    public Activation forward(Tape tape, Variable x, Sequences sequences, SilentRows silent) {
        if (silent.isEmpty()) {
            return forward(tape, x, sequences);
        }
        return silent.attend(
                tape, query.forward(tape, x), key.forward(tape, x), value.forward(tape, x), 1, sequences,
                dropped(tape));
    }

    /// Some tokens only, which attend to all: queries are computed for them alone, keys and values for every token.
    ///
    /// @param chosen    `(M, C)`, the rows of x that ask
    /// @param queries   how many of them belong to each sequence
    /// @param x         `(N, C)`
    /// @param sequences of x
    /// @return `(M, C)`
    public Activation forward(Tape tape, Variable chosen, Sequences queries, Variable x, Sequences sequences) {
        AttentionSpec dropped = dropped(tape);
        return Attention.apply(
                tape, query.forward(tape, chosen), key.forward(tape, x), value.forward(tape, x), queries, sequences,
                dropped);
    }

    private AttentionSpec dropped(Tape tape) {
        return dropout == 0
                ? spec
                : tape.nextRandom().map(random -> spec.withDropout(dropout, random)).orElse(spec);
    }
}
