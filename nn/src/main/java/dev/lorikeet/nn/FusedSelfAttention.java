package dev.lorikeet.nn;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.op.Dropout;
import dev.lorikeet.tensor.AttentionSpec;

/// Multi-head self-attention whose queries, keys and values come from one projection, as in GPT-2:
/// `c_proj(attention(c_attn(x)))`, then dropout.
///
/// @param cAttn        `(N, C) → (N, 3C)`: q, k, v side by side
/// @param cProj        `(M, C) → (M, C)`
/// @param spec         heads, scale, causality
/// @param attnDropout  of attention weights
/// @param residDropout of the result
public record FusedSelfAttention(
        Projection cAttn, Projection cProj, AttentionSpec spec, double attnDropout, double residDropout) {
    /// @param x   `(N, C)`
    /// @param how the rows attend to one another
    /// @return `(M, C)`, of the rows of [Attend#queries]
    public Variable forward(Tape tape, Variable x, Attend how) {
        Activation qkv = cAttn.forward(tape, x);                                                     // (N, 3C)
        Activation attended = how.attend(tape, qkv, Attend.dropped(tape, spec, attnDropout));                // (M, C)
        return Dropout.apply(tape, cProj.forward(tape, attended), residDropout);                     // (M, C)
    }
}
