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

/// [Attention] of a batch to itself with queries, keys and values side by side in one tensor `qkv (N, 3C)`, as GPT-2's
/// `c_attn` computes them. Same formulas; one gradient `dqkv (N, 3C)`.
///
/// @param qkv kept
/// @param out the result `(N, C)`, kept only for [long][Attention#LONGEST_WITHOUT_OUTPUT] sequences
/// @param lse `(N, heads)`
public record SelfAttention(Tensor qkv, Tensor out, Tensor lse, Sequences sequences, AttentionSpec spec)
        implements Op {
    public static Activation apply(Tape tape, Variable qkv, Sequences sequences, AttentionSpec spec) {
        Tensor all = qkv.value();
        int C = all.cols() / 3;
        if (all.cols() != 3 * C || C % spec.heads() != 0 || sequences.tokens() != all.rows()) {
            throw new ShapeMismatch("selfAttention", qkv.shape(), Shape.of(sequences.tokens(), 3 * C),
                    "one row for each token of %s, columns divisible by 3·%d".formatted(sequences, spec.heads()));
        }
        Tensor out = tape.allocate(all.dtype(), qkv.shape().withLast(C));
        Tensor lse =
                tape.needsGrad(qkv) ? tape.allocate(all.dtype(), Shape.of(all.rows(), spec.heads())) : null;
        tape.kernels().attention(
                out, lse, all.cols(0, C), all.cols(C, 2 * C), all.cols(2 * C, 3 * C), sequences, sequences, spec);
        return tape.record(
                SelfAttention.class,
                out,
                save -> new SelfAttention(
                        save.keep(all), save.when(Attention.needsOutput(sequences, sequences), out), save.keep(lse),
                        sequences, spec),
                qkv);
    }

    @Override
    public void backward(Tensor dout, Grads grads) {
        int C = qkv.cols() / 3;
        Tensor delta = grads.temporary(dout.dtype(), lse.shape());
        grads.into(0, (dqkv, beta) -> grads.kernels().attentionBackward(
                dqkv.cols(0, C), dqkv.cols(C, 2 * C), dqkv.cols(2 * C, 3 * C), delta, dout, out, lse,
                qkv.cols(0, C), qkv.cols(C, 2 * C), qkv.cols(2 * C, 3 * C), sequences, sequences, spec, beta));
    }
}
