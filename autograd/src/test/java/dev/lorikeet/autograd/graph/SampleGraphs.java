package dev.lorikeet.autograd.graph;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Laboratory;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Traced;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.op.Add;
import dev.lorikeet.autograd.op.Attention;
import dev.lorikeet.autograd.op.ColumnSlice;
import dev.lorikeet.autograd.op.Elementwise;
import dev.lorikeet.autograd.op.EmbeddingSum;
import dev.lorikeet.autograd.op.LayerNorm;
import dev.lorikeet.autograd.op.Linear;
import dev.lorikeet.autograd.op.LinearCrossEntropy;
import dev.lorikeet.autograd.op.LowRankDelta;
import dev.lorikeet.autograd.op.MatMul;
import dev.lorikeet.autograd.op.SelectRows;
import dev.lorikeet.autograd.op.SelfAttention;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.List;

/// Traces of the graphs that people will draw.
final class SampleGraphs {
    private static final int C = 8;
    private static final Sequences BATCH = Sequences.of(5, 3);

    private SampleGraphs() {}

    /// `y = x·W₀ + b + 2·(x·Aᵀ)·Bᵀ`, composed op by op over a frozen projection.
    static List<Traced> composedLora(Laboratory lab) {
        try (Tape tape = Tape.traced(lab.pool(), null)) {
            Activation x = tape.constant(lab.normal(5, C));
            Activation base =
                    Linear.apply(tape, x, lab.frozen("W₀", C, 6), lab.frozen("b", 6), WeightOrder.IN_OUT);
            Activation low = MatMul.apply(tape, x, false, lab.trainable("lora_A", 2, C), true);
            Activation delta = MatMul.apply(tape, low, false, lab.trainable("lora_B", 6, 2), true);
            Add.apply(tape, base, 2, delta);
            return tape.trace();
        }
    }

    /// Two blocks of GPT-2, LoRA on the q and v columns of the second one's `c_attn`.
    static List<Traced> gpt2(Laboratory lab) {
        try (Tape tape = Tape.traced(lab.pool(), null)) {
            Variable wte = lab.frozen("transformer.wte.weight", 13, C);
            Variable wpe = lab.frozen("transformer.wpe.weight", 6, C);
            Activation x = EmbeddingSum.apply(tape, new Variable[] {wte, wpe}, new Tensor[] {
                lab.ints(1, 2, 3, 4, 5, 6, 7, 8), lab.ints(0, 1, 2, 3, 4, 0, 1, 2)
            });
            for (int i = 0; i < 2; i++) {
                x = block(lab, tape, x, "transformer.h." + i + ".", i == 1);
            }
            Activation labelled = SelectRows.apply(tape, x, lab.ints(0, 1, 2, 5, 6));
            LinearCrossEntropy.apply(
                    tape, norm(lab, tape, labelled, "transformer.ln_f"), wte, lab.ints(2, 3, 4, 7, 8), 0, 0.2);
            return tape.trace();
        }
    }

    private static Activation block(Laboratory lab, Tape tape, Activation x, String at, boolean adapted) {
        Activation n = norm(lab, tape, x, at + "ln_1");
        Activation qkv = conv1d(lab, tape, n, at + "attn.c_attn", 3 * C);
        if (adapted) {
            qkv = LowRankDelta.apply(
                    tape, qkv, n,
                    lab.trainable(at + "attn.c_attn.lora_A", 4, C), lab.trainable(at + "attn.c_attn.lora_B", 2 * C, 2),
                    List.of(new ColumnSlice(0, C), new ColumnSlice(2 * C, 3 * C)), 2, 0);
        }
        Activation attended = SelfAttention.apply(tape, qkv, BATCH, new AttentionSpec(2, 0.5, true));
        Activation h = Add.apply(tape, x, conv1d(lab, tape, attended, at + "attn.c_proj", C));
        Activation inner = conv1d(lab, tape, norm(lab, tape, h, at + "ln_2"), at + "mlp.c_fc", 4 * C);
        Activation mlp = conv1d(lab, tape, Elementwise.apply(tape, inner, UnaryFunction.GELU_TANH), at + "mlp.c_proj", C);
        return Add.apply(tape, h, mlp);
    }

    /// Attention with projections of its own for q, k and v, as RoBERTa has it; all weights train.
    static List<Traced> separateProjections(Laboratory lab) {
        try (Tape tape = Tape.traced(lab.pool(), null)) {
            Activation x = tape.constant(lab.normal(8, C));
            Activation[] qkv = new Activation[3];
            for (int i = 0; i < 3; i++) {
                String name = List.of("query", "key", "value").get(i);
                qkv[i] = Linear.apply(
                        tape, x, lab.trainable(name + ".weight", C, C), lab.trainable(name + ".bias", C),
                        WeightOrder.OUT_IN);
            }
            Activation attended =
                    Attention.apply(tape, qkv[0], qkv[1], qkv[2], BATCH, BATCH, new AttentionSpec(2, 0.5, false));
            Add.apply(tape, x, attended);
            return tape.trace();
        }
    }

    private static Activation norm(Laboratory lab, Tape tape, Variable x, String at) {
        return LayerNorm.apply(tape, x, lab.frozen(at + ".weight", C), lab.frozen(at + ".bias", C), 1e-5);
    }

    private static Activation conv1d(Laboratory lab, Tape tape, Activation x, String at, int out) {
        int in = x.shape().cols();
        return Linear.apply(
                tape, x, lab.frozen(at + ".weight", in, out), lab.frozen(at + ".bias", out), WeightOrder.IN_OUT);
    }
}
