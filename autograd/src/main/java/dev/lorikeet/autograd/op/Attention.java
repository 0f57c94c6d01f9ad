package dev.lorikeet.autograd.op;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Grads;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.ShapeMismatch;
import dev.lorikeet.tensor.Tensor;

/// Attention of queries to keys and values, `out = softmax(s·q·kᵀ + mask)·v` per sequence and head (Vaswani et al.
/// 2017, §3.2), the scores never stored: the backward recomputes them from `lse`, the logarithm of the softmax
/// denominators.
///
/// ```text
/// p  = exp(s·q·kᵀ − lse)     dp = dout·vᵀ     ds = p∘(dp − Σ(dout∘out))
/// dq = s·ds·k                dk = s·dsᵀ·q     dv = pᵀ·dout
/// ```
///
/// `Σ(dout∘out) = Σ(p∘dp)`: where all weights of a head fit into a core's cache the sums come from there, and the
/// result need not be kept.
///
/// @param q    `(N, C)` in rows of `queries`
/// @param k    `(M, C)` in rows of `keys`
/// @param v    `(M, C)`
/// @param out  the result, kept only for [long][#LONGEST_WITHOUT_OUTPUT] sequences
/// @param lse  `(N, heads)`
public record Attention(
        Tensor q, Tensor k, Tensor v, Tensor out, Tensor lse, Sequences queries, Sequences keys, AttentionSpec spec)
        implements Op {
    /// Most queries and keys of a sequence for which the backward does without the result.
    public static final int LONGEST_WITHOUT_OUTPUT = 192;

    public static Activation apply(
            Tape tape, Variable q, Variable k, Variable v, Sequences queries, Sequences keys, AttentionSpec spec) {
        checkShapes(q, k, v, queries, keys, spec);
        boolean tracked = tape.needsGrad(q) || tape.needsGrad(k) || tape.needsGrad(v);
        if (tracked && keys.tokens() != k.value().rows()) {
            throw new ShapeMismatch(
                    "attention", k.shape(), v.shape(),
                    "rows that belong to none of %s would get no gradient".formatted(keys));
        }
        Tensor out = tape.allocate(q.dtype(), q.shape());
        Tensor lse = tracked ? tape.allocate(q.dtype(), Shape.of(q.value().rows(), spec.heads())) : null;
        tape.kernels().attention(out, lse, q.value(), k.value(), v.value(), queries, keys, spec);
        return tape.record(
                Attention.class,
                out,
                save -> new Attention(
                        save.keep(q.value()), save.keep(k.value()), save.keep(v.value()),
                        save.when(needsOutput(queries, keys), out), save.keep(lse), queries, keys, spec),
                q, k, v);
    }

    @Override
    public void backward(Tensor dout, Grads grads) {
        Tensor delta = grads.temporary(dout.dtype(), lse.shape());
        grads.intoAll(
                (d, beta) -> grads.kernels().attentionBackward(
                        d[0], d[1], d[2], delta, dout, out, lse, q, k, v, queries, keys, spec, beta),
                0, 1, 2);
    }

    static boolean needsOutput(Sequences queries, Sequences keys) {
        return Math.max(queries.longest(), keys.longest()) > LONGEST_WITHOUT_OUTPUT;
    }

    private static void checkShapes(
            Variable q, Variable k, Variable v, Sequences queries, Sequences keys, AttentionSpec spec) {
        int C = q.shape().cols();
        if (k.shape().cols() != C || v.shape().cols() != C || k.shape().rows() != v.shape().rows()) {
            throw new ShapeMismatch("attention", k.shape(), v.shape(), "keys and values need %d columns".formatted(C));
        }
        if (C % spec.heads() != 0) {
            throw new ShapeMismatch(
                    "attention", q.shape(), k.shape(), "%d heads do not divide C".formatted(spec.heads()));
        }
        if (queries.tokens() != q.shape().rows() || keys.rows() > k.shape().rows() || queries.count() != keys.count()) {
            throw new ShapeMismatch(
                    "attention", q.shape(), k.shape(), "rows do not match %s and %s".formatted(queries, keys));
        }
    }
}
