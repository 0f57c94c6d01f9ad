package dev.lorikeet.nn;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.op.Attention;
import dev.lorikeet.autograd.op.SelectRows;
import dev.lorikeet.autograd.op.SelfAttention;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;

/// New tokens attend to one another and to what a cache holds of their sequences; their keys and values are appended to
/// it. For inference only: no gradient flows into the cache.
///
/// @param sequences of the new tokens
/// @param rows      I32 `(M)`, the rows of the result; null for all. Every row joins the cache.
record CachedAttend(KeyValueCache.Layer cache, Sequences sequences, Tensor rows) implements Attend {
    @Override
    public Variable queries(Tape tape, Variable x) {
        return rows == null ? x : SelectRows.apply(tape, x, rows);
    }

    @Override
    public Activation attend(Tape tape, Activation qkv, AttentionSpec spec) {
        int C = qkv.value().cols() / 3;
        boolean first = cache.isEmpty();
        Sequences keys = cache.append(
                tape.kernels(), qkv.value().cols(C, 2 * C), qkv.value().cols(2 * C, 3 * C), sequences);
        Activation attended = first
                ? SelfAttention.apply(tape, qkv, sequences, spec)                                    // (N, C)
                : past(tape, qkv.value().cols(0, C), keys, spec);                                    // (N, C)
        return rows == null ? attended : SelectRows.apply(tape, attended, rows);                     // (M, C)
    }

    @Override
    public Activation attend(Tape tape, Activation q, Activation k, Activation v, AttentionSpec spec) {
        if (rows != null) {
            throw new UnsupportedOperationException("attention with three projections and a cache computes every row; "
                    + "leave the rows out and select from the result");
        }
        return past(tape, q.value(), cache.append(tape.kernels(), k.value(), v.value(), sequences), spec);
    }

    /// Attention head by head: `q (N, C)` becomes `(N·heads, d)`, the tokens of one head of one sequence in a run.
    private Activation past(Tape tape, Tensor q, Sequences keys, AttentionSpec spec) {
        int H = spec.heads();
        Shape byHead = Shape.of(q.rows() * H, q.cols() / H);
        AttentionSpec oneHead = new AttentionSpec(1, spec.scale(), spec.causal());
        if (q.rows() == 1) {
            Activation out = Attention.apply(tape, tape.constant(q.reshape(byHead)), tape.constant(cache.keys()),
                    tape.constant(cache.values()), runs(H), keys, oneHead);
            return tape.constant(out.value().reshape(q.shape()));
        }
        Tensor queries = tape.allocate(q.dtype(), byHead);
        exchange(tape, queries, q, false);
        Activation out = Attention.apply(tape, tape.constant(queries), tape.constant(cache.keys()),
                tape.constant(cache.values()), runs(H), keys, oneHead);
        Tensor attended = tape.allocate(q.dtype(), q.shape());
        exchange(tape, out.value(), attended, true);
        return tape.constant(attended);
    }

    /// The run of each head of each sequence.
    private Sequences runs(int heads) {
        int[] lengths = new int[sequences.count() * heads];
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = sequences.length(i / heads);
        }
        return Sequences.of(lengths);
    }

    /// `byHead ← byToken`, or the other way round if `back`.
    private void exchange(Tape tape, Tensor byHead, Tensor byToken, boolean back) {
        int d = byHead.cols();
        int heads = byToken.cols() / d;
        for (int s = 0, row = 0; s < sequences.count(); s++) {
            int start = sequences.start(s);
            int length = sequences.length(s);
            for (int h = 0; h < heads; h++, row += length) {
                Tensor run = byHead.rows(row, row + length);
                Tensor columns = byToken.rows(start, start + length).cols(h * d, (h + 1) * d);
                tape.kernels().copy(back ? columns : run, back ? run : columns);
            }
        }
    }
}
