package dev.lorikeet.nn;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.op.Attention;
import dev.lorikeet.autograd.op.Dropout;
import dev.lorikeet.autograd.op.SelfAttention;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Tensor;

/// Multi-head self-attention whose queries, keys and values come from one projection, as in GPT-2:
/// `c_proj(attention(c_attn(x)))`, then dropout.
///
/// @param cAttn        `(N, C) → (N, 3C)`: q, k, v side by side
/// @param cProj        `(N, C) → (N, C)`
/// @param spec         heads, scale, causality
/// @param attnDropout  of attention weights
/// @param residDropout of the result
public record FusedSelfAttention(
        Projection cAttn, Projection cProj, AttentionSpec spec, double attnDropout, double residDropout) {
    /// All tokens of a batch.
    public Variable forward(Tape tape, Variable x, Sequences sequences) {
        Activation qkv = cAttn.forward(tape, x);                                                     // (N, 3C)
        Activation attended = SelfAttention.apply(tape, qkv, sequences, dropped(tape));              // (N, C)
        return Dropout.apply(tape, cProj.forward(tape, attended), residDropout);                     // (N, C)
    }

    /// New tokens that also attend to what `cache` holds of their sequences; their keys and values are appended to it.
    /// For inference only: no gradient flows into the cache.
    public Variable forward(Tape tape, Variable x, Sequences sequences, KeyValueCache.Layer cache) {
        Tensor qkv = cAttn.forward(tape, x).value();                                                 // (N, 3C)
        int C = qkv.cols() / 3;
        Sequences keys = cache.append(tape.kernels(), qkv.cols(C, 2 * C), qkv.cols(2 * C, 3 * C), sequences);
        Activation attended = Attention.apply(
                tape, tape.constant(qkv.cols(0, C)), tape.constant(cache.keys()), tape.constant(cache.values()),
                sequences, keys, spec);
        return cProj.forward(tape, attended);
    }

    private AttentionSpec dropped(Tape tape) {
        return attnDropout == 0
                ? spec
                : tape.nextRandom().map(key -> spec.withDropout(attnDropout, key)).orElse(spec);
    }
}
