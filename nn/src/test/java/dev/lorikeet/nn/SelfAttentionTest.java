package dev.lorikeet.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.TestEngine;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.op.Attention;
import dev.lorikeet.autograd.op.MatMul;
import dev.lorikeet.autograd.op.Sum;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Attention from one fused projection, from three, and with a cache: the same numbers.
class SelfAttentionTest {
    private static final int C = 6;
    private static final AttentionSpec SPEC = new AttentionSpec(2, 1 / Math.sqrt(3), true);
    private static final Sequences TEXTS = Sequences.of(4, 2);

    @RegisterExtension
    private final TestEngine engine = new TestEngine();

    private final Trainable fused = engine.trainable("c_attn", C, 3 * C);
    private final Trainable out = engine.trainable("c_proj", C, C);
    private final Tensor x = engine.normal(6, C);

    /// `y = x·W`, `W (in, out)`.
    private static Projection product(Trainable weight) {
        return (tape, x) -> MatMul.apply(tape, x, false, weight, false);
    }

    /// Columns `[from, from + C)` of the fused matrix as a matrix of its own.
    private Trainable part(int from) {
        double[] all = engine.numbers(fused.value());
        double[] part = new double[C * C];
        for (int r = 0; r < C; r++) {
            System.arraycopy(all, r * 3 * C + from, part, r * C, C);
        }
        return engine.trainable("part " + from, engine.doubles(Shape.of(C, C), part));
    }

    private FusedSelfAttention fused() {
        return new FusedSelfAttention(product(fused), product(out), SPEC, 0, 0);
    }

    private Variable all(Tape tape) {
        return fused().forward(tape, tape.constant(x), Attend.within(TEXTS));
    }

    @Test
    void one_projection_or_three_compute_the_same_and_get_the_same_gradients() {
        Trainable q = part(0);
        Trainable k = part(C);
        Trainable v = part(2 * C);
        SelfAttention composed = new SelfAttention(product(q), product(k), product(v), SPEC, 0);
        Attend within = Attend.within(TEXTS);
        try (Tape one = engine.tape(); Tape three = engine.tape()) {
            Variable y = all(one);
            Variable attended = composed.forward(three, three.constant(x), three.constant(x), within);
            Variable z = product(out).forward(three, attended);
            assertThat(engine.numbers(z.value())).usingComparatorWithPrecision(1e-13)
                    .containsExactly(engine.numbers(y.value()));
            one.backward(Sum.apply(one, y, 1));
            double[] ofOut = engine.numbers(out.grad());
            out.clearGrad();
            three.backward(Sum.apply(three, z, 1));
            assertThat(engine.numbers(out.grad())).usingComparatorWithPrecision(1e-13).containsExactly(ofOut);
            double[] whole = engine.numbers(fused.grad());
            for (int i = 0; i < whole.length; i++) {
                Trainable part = new Trainable[] {q, k, v}[i % (3 * C) / C];
                double expected = engine.numbers(part.grad())[i / (3 * C) * C + i % C];
                assertThat(whole[i]).as("element %d", i).isCloseTo(expected, within(1e-12));
            }
        }
    }

    /// One query per text, which attends to the whole of it.
    private record Firsts() implements Attend {
        @Override
        public Activation attend(Tape tape, Activation qkv, AttentionSpec spec) {
            throw new AssertionError("this attention has three projections");
        }

        @Override
        public Activation attend(Tape tape, Activation q, Activation k, Activation v, AttentionSpec spec) {
            return Attention.apply(tape, q, k, v, Sequences.of(1, 1), TEXTS, spec);
        }
    }

    @Test
    void queries_of_some_rows_get_what_these_rows_get_among_all() {
        AttentionSpec both = new AttentionSpec(2, 0.5, false);
        SelfAttention attention = new SelfAttention(product(part(0)), product(part(C)), product(part(2 * C)), both, 0);
        try (Tape tape = Tape.inference(engine.pool())) {
            double[] all = engine.numbers(attention.forward(
                    tape, tape.constant(x), tape.constant(x), Attend.within(TEXTS)).value());
            Tensor firsts = tape.allocate(DType.F64, Shape.of(2, C));
            tape.kernels().copy(firsts.rows(0, 1), x.rows(0, 1));
            tape.kernels().copy(firsts.rows(1, 2), x.rows(4, 5));
            double[] some = engine.numbers(attention.forward(
                    tape, tape.constant(firsts), tape.constant(x), new Firsts()).value());
            assertThat(Arrays.copyOfRange(some, 0, C)).containsExactly(Arrays.copyOfRange(all, 0, C));
            assertThat(Arrays.copyOfRange(some, C, 2 * C)).containsExactly(Arrays.copyOfRange(all, 4 * C, 5 * C));
        }
    }

    @Test
    void a_cache_gives_the_same_tokens_the_same_result_however_they_come() {
        try (Tape tape = Tape.inference(engine.pool());
                KeyValueCache cache = new KeyValueCache(engine.backend(), DType.F64, 1, 2, 4, 2, C)) {
            double[] whole = engine.numbers(all(tape).value());
            // the texts' first tokens, then two more of the first and one of the second, then the last
            double[] steps = new double[6 * C];
            int[][] rows = {{0, 4}, {1, 2, 5}, {3}};
            Sequences[] turns = {Sequences.of(1, 1), Sequences.of(2, 1), Sequences.of(1, 0)};
            for (int turn = 0; turn < turns.length; turn++) {
                Tensor next = tape.allocate(DType.F64, Shape.of(rows[turn].length, C));
                for (int i = 0; i < rows[turn].length; i++) {
                    tape.kernels().copy(next.rows(i, i + 1), x.rows(rows[turn][i], rows[turn][i] + 1));
                }
                double[] y = engine.numbers(
                        fused().forward(tape, tape.constant(next), cache.layer(0).after(turns[turn])).value());
                cache.advance(turns[turn]);
                for (int i = 0; i < rows[turn].length; i++) {
                    System.arraycopy(y, i * C, steps, rows[turn][i] * C, C);
                }
            }
            assertThat(steps).usingComparatorWithPrecision(1e-13).containsExactly(whole);
        }
    }
}
