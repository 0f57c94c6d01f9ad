package dev.lorikeet.autograd.op;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Grads;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;

/// Attention of queries to keys and values, `out = softmax(s·q·kᵀ + mask)·v` per sequence and head (Vaswani et al. 2017,
/// §3.2), the scores never stored: the backward recomputes them from `lse`, the logarithm of the softmax denominators.
///
/// ```text
/// p = exp(s·q·kᵀ − lse)     dv = pᵀ·dout     dp = dout·vᵀ     ds = p∘(dp − Σ(dout∘out))     dq = s·ds·k     dk = s·dsᵀ·q
/// ```
///
/// @param q    `(N, C)` in rows of `queries`
/// @param k    `(M, C)` in rows of `keys`
/// @param v    `(M, C)`
/// @param out  the result
/// @param lse  `(N, heads)`
public record Attention(
        Tensor q, Tensor k, Tensor v, Tensor out, Tensor lse, Sequences queries, Sequences keys, AttentionSpec spec)
        implements Op {
    public static Activation apply(
            Tape tape, Variable q, Variable k, Variable v, Sequences queries, Sequences keys, AttentionSpec spec) {
        boolean tracked = tape.needsGrad(q) || tape.needsGrad(k) || tape.needsGrad(v);
        Tensor out = tape.allocate(q.dtype(), q.shape());
        Tensor lse = tracked ? tape.allocate(q.dtype(), Shape.of(q.value().rows(), spec.heads())) : null;
        tape.kernels().attention(out, lse, q.value(), k.value(), v.value(), queries, keys, spec);
        return tape.record(
                Attention.class,
                out,
                save -> new Attention(
                        save.keep(q.value()), save.keep(k.value()), save.keep(v.value()), save.keep(out),
                        save.keep(lse), queries, keys, spec),
                q, k, v);
    }

    @Override
    public void backward(Tensor dout, Grads grads) {
        Tensor delta = grads.temporary(dout.dtype(), lse.shape());
        grads.into(0, (dq, beta) -> backward(grads, dq, null, null, delta, dout, beta));
        grads.into(1, (dk, beta) -> backward(grads, null, dk, null, delta, dout, beta));
        grads.into(2, (dv, beta) -> backward(grads, null, null, dv, delta, dout, beta));
    }

    private void backward(Grads grads, Tensor dq, Tensor dk, Tensor dv, Tensor delta, Tensor dout, double beta) {
        grads.kernels().attentionBackward(dq, dk, dv, delta, dout, out, lse, q, k, v, queries, keys, spec, beta);
    }
}
