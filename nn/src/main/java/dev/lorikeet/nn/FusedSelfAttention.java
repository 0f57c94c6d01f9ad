package dev.lorikeet.nn;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.op.Attention;
import dev.lorikeet.autograd.op.Dropout;
import dev.lorikeet.autograd.op.Reshape;
import dev.lorikeet.autograd.op.SelectRows;
import dev.lorikeet.autograd.op.SelfAttention;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Shape;
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
    ///
    /// @param silent rows that nobody attends to, if any
    public Variable forward(Tape tape, Variable x, Sequences sequences, SilentRows silent) {
        Activation qkv = cAttn.forward(tape, x);                                                     // (N, 3C)
        Activation attended = silent.isEmpty()
                ? SelfAttention.apply(tape, qkv, sequences, dropped(tape))                           // (N, C)
                : attendSilently(tape, qkv, sequences, silent);
        return Dropout.apply(tape, cProj.forward(tape, attended), residDropout);                     // (N, C)
    }

    private Activation attendSilently(Tape tape, Activation qkv, Sequences sequences, SilentRows silent) {
        Shape inTurn = Shape.of(3 * qkv.value().rows(), qkv.value().cols() / 3);
        Activation rows = Reshape.apply(tape, qkv, inTurn);                                          // (3N, C)
        return silent.attend(tape, rows, rows, rows, 3, sequences, dropped(tape));                   // (N, C)
    }

    /// New tokens that also attend to what `cache` holds of their sequences; their keys and values are appended to it.
    /// For inference only: no gradient flows into the cache.
    public Variable forward(Tape tape, Variable x, Sequences sequences, KeyValueCache.Layer cache) {
        return cProj.forward(tape, attend(tape, x, sequences, cache));                               // (N, C)
    }

    /// The same for some rows of the result only; all rows join the cache.
    ///
    /// @param rows I32 `(M)`
    public Variable forward(
            Tape tape, Variable x, Sequences sequences, KeyValueCache.Layer cache, Tensor rows) {
        return cProj.forward(tape, SelectRows.apply(tape, attend(tape, x, sequences, cache), rows)); // (M, C)
    }

    private Activation attend(Tape tape, Variable x, Sequences sequences, KeyValueCache.Layer cache) {
        Activation qkv = cAttn.forward(tape, x);                                                     // (N, 3C)
        int C = qkv.value().cols() / 3;
        boolean first = cache.isEmpty();
        Sequences keys = cache.append(
                tape.kernels(), qkv.value().cols(C, 2 * C), qkv.value().cols(2 * C, 3 * C), sequences);
        return first
                ? SelfAttention.apply(tape, qkv, sequences, spec)                                    // (N, C)
                : attendToPast(tape, qkv.value().cols(0, C), sequences, cache, keys);                // (N, C)
    }

    /// Attention head by head: `q (N, C)` becomes `(N·heads, d)`, the tokens of one head of one sequence in a run.
    private Activation attendToPast(
            Tape tape, Tensor q, Sequences sequences, KeyValueCache.Layer cache, Sequences keys) {
        int H = spec.heads();
        Shape byHead = Shape.of(q.rows() * H, q.cols() / H);
        AttentionSpec oneHead = new AttentionSpec(1, spec.scale(), spec.causal());
        if (q.rows() == 1) {
            Activation out = Attention.apply(tape, tape.constant(q.reshape(byHead)), tape.constant(cache.keys()),
                    tape.constant(cache.values()), runs(sequences), keys, oneHead);
            return tape.constant(out.value().reshape(q.shape()));
        }
        Tensor queries = tape.allocate(q.dtype(), byHead);
        exchange(tape, sequences, queries, q, false);
        Activation out = Attention.apply(tape, tape.constant(queries), tape.constant(cache.keys()),
                tape.constant(cache.values()), runs(sequences), keys, oneHead);
        Tensor attended = tape.allocate(q.dtype(), q.shape());
        exchange(tape, sequences, out.value(), attended, true);
        return tape.constant(attended);
    }

    /// The run of each head of each sequence.
    private Sequences runs(Sequences sequences) {
        int[] lengths = new int[sequences.count() * spec.heads()];
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = sequences.length(i / spec.heads());
        }
        return Sequences.of(lengths);
    }

    /// `byHead ← byToken`, or the other way round if `back`.
    private void exchange(Tape tape, Sequences sequences, Tensor byHead, Tensor byToken, boolean back) {
        int d = byHead.cols();
        for (int s = 0, row = 0; s < sequences.count(); s++) {
            int start = sequences.start(s);
            int length = sequences.length(s);
            for (int h = 0; h < spec.heads(); h++, row += length) {
                Tensor run = byHead.rows(row, row + length);
                Tensor columns = byToken.rows(start, start + length).cols(h * d, (h + 1) * d);
                tape.kernels().copy(back ? columns : run, back ? run : columns);
            }
        }
    }

    private AttentionSpec dropped(Tape tape) {
        return attnDropout == 0
                ? spec
                : tape.nextRandom().map(key -> spec.withDropout(attnDropout, key)).orElse(spec);
    }
}
