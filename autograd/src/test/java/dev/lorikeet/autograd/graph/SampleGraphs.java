package dev.lorikeet.autograd.graph;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.TestEngine;
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
    static List<Traced> composedLora(TestEngine engine) {
        try (Tape tape = Tape.traced(engine.pool(), null)) {
            Activation x = tape.constant(engine.normal(5, C));
            Activation base =
                    Linear.apply(tape, x, engine.frozen("W₀", C, 6), engine.frozen("b", 6), WeightOrder.IN_OUT);
            Activation low = MatMul.apply(tape, x, false, engine.trainable("lora_A", 2, C), true);
            Activation delta = MatMul.apply(tape, low, false, engine.trainable("lora_B", 6, 2), true);
            Add.apply(tape, base, 2, delta);
            return tape.trace();
        }
    }

    /// Two blocks of GPT-2, LoRA on the q and v columns of the second one's `c_attn`.
    static List<Traced> gpt2(TestEngine engine) {
        try (Tape tape = Tape.traced(engine.pool(), null)) {
            Variable wte = engine.frozen("transformer.wte.weight", 13, C);
            Variable wpe = engine.frozen("transformer.wpe.weight", 6, C);
            Activation x = EmbeddingSum.apply(tape, new Variable[] {wte, wpe}, new Tensor[] {
                engine.ints(1, 2, 3, 4, 5, 6, 7, 8), engine.ints(0, 1, 2, 3, 4, 0, 1, 2)
            });
            for (int i = 0; i < 2; i++) {
                x = block(engine, tape, x, "transformer.h." + i + ".", i == 1);
            }
            Activation labelled = SelectRows.apply(tape, x, engine.ints(0, 1, 2, 5, 6));
            LinearCrossEntropy.apply(
                    tape, norm(engine, tape, labelled, "transformer.ln_f"), wte, engine.ints(2, 3, 4, 7, 8), 0, 0.2);
            return tape.trace();
        }
    }

    private static Activation block(TestEngine engine, Tape tape, Activation x, String at, boolean adapted) {
        Activation n = norm(engine, tape, x, at + "ln_1");
        Activation qkv = conv1d(engine, tape, n, at + "attn.c_attn", 3 * C);
        if (adapted) {
            qkv = LowRankDelta.apply(
                    tape, qkv, n,
                    engine.trainable(at + "attn.c_attn.lora_A", 4, C),
                    engine.trainable(at + "attn.c_attn.lora_B", 2 * C, 2),
                    List.of(new ColumnSlice(0, C), new ColumnSlice(2 * C, 3 * C)), 2, 0);
        }
        Activation attended = SelfAttention.apply(tape, qkv, BATCH, new AttentionSpec(2, 0.5, true));
        Activation h = Add.apply(tape, x, conv1d(engine, tape, attended, at + "attn.c_proj", C));
        Activation inner = conv1d(engine, tape, norm(engine, tape, h, at + "ln_2"), at + "mlp.c_fc", 4 * C);
        Activation mlp = conv1d(engine, tape, Elementwise.apply(tape, inner, UnaryFunction.GELU_TANH),
                at + "mlp.c_proj", C);
        return Add.apply(tape, h, mlp);
    }

    /// Attention with projections of its own for q, k and v, as RoBERTa has it; all weights train.
    static List<Traced> separateProjections(TestEngine engine) {
        try (Tape tape = Tape.traced(engine.pool(), null)) {
            Activation x = tape.constant(engine.normal(8, C));
            Activation[] qkv = new Activation[3];
            for (int i = 0; i < 3; i++) {
                String name = List.of("query", "key", "value").get(i);
                qkv[i] = Linear.apply(
                        tape, x, engine.trainable(name + ".weight", C, C), engine.trainable(name + ".bias", C),
                        WeightOrder.OUT_IN);
            }
            Activation attended =
                    Attention.apply(tape, qkv[0], qkv[1], qkv[2], BATCH, BATCH, new AttentionSpec(2, 0.5, false));
            Add.apply(tape, x, attended);
            return tape.trace();
        }
    }

    private static Activation norm(TestEngine engine, Tape tape, Variable x, String at) {
        return LayerNorm.apply(tape, x, engine.frozen(at + ".weight", C), engine.frozen(at + ".bias", C), 1e-5);
    }

    private static Activation conv1d(TestEngine engine, Tape tape, Activation x, String at, int out) {
        int in = x.shape().cols();
        return Linear.apply(
                tape, x, engine.frozen(at + ".weight", in, out), engine.frozen(at + ".bias", out), WeightOrder.IN_OUT);
    }
}
