package dev.lorikeet.tensor.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Philox;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Attention against the textbook: a matrix of scores, a mask, a softmax, a product, written down here once more.
final class ScalarAttentionTest {
    private static final int HEADS = 2;
    private static final int D = 3;
    private static final int C = HEADS * D;

    private final ScalarTestEngine engine = new ScalarTestEngine();

    @AfterEach
    void close() {
        engine.close();
    }

    /// Equal keys share the attention: the output is the mean of the visible values.
    @Test
    void equal_keys_get_equal_weights() {
        Tensor q = engine.of(Shape.of(3, 1), 5, -7, 1);
        Tensor k = engine.of(Shape.of(3, 1), 2, 2, 2);
        Tensor v = engine.of(Shape.of(3, 1), 1, 3, 8);
        Tensor out = engine.poisoned(3, 1);
        Tensor lse = engine.poisoned(3, 1);
        Sequences s = Sequences.of(3);
        engine.kernels().attention(out, lse, q, k, v, s, s, new AttentionSpec(1, 0.5, true));
        assertThat(engine.numbers(out)).containsExactly(new double[] {1, 2, 4}, within(1e-14));
        assertThat(engine.numbers(lse)).containsExactly(
                new double[] {5, -7 + Math.log(2), 1 + Math.log(3)}, within(1e-14));
    }

    @Test
    void a_query_without_keys_gets_zero() {
        Tensor out = engine.poisoned(3, 1);
        Tensor lse = engine.poisoned(3, 1);
        engine.kernels().attention(out, lse, engine.of(Shape.of(3, 1), 1, 1, 1), engine.of(Shape.of(1, 1), 1),
                engine.of(Shape.of(1, 1), 9), Sequences.of(3), Sequences.of(1), new AttentionSpec(1, 1, true));
        assertThat(engine.numbers(out)).containsExactly(0, 0, 9);
        assertThat(engine.numbers(lse)).containsExactly(Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY, 1);
    }

    @Test
    void ragged_batches_are_attention_of_each_sequence() {
        compare(Sequences.of(4, 0, 2), Sequences.of(4, 0, 2), 6, 6, new AttentionSpec(HEADS, 0.6, true));
        compare(Sequences.of(4, 0, 2), Sequences.of(3, 2, 5), 6, 10, new AttentionSpec(HEADS, 0.6, false));
    }

    @Test
    void queries_of_a_cache_are_the_last_of_their_sequence() {
        compare(Sequences.of(2, 1), Sequences.slots(new int[] {1, 8}, new int[] {5, 3}), 3, 12,
                new AttentionSpec(HEADS, 0.6, true));
    }

    @Test
    void dropped_weights_are_those_of_the_stream() {
        compare(Sequences.of(4, 3), Sequences.of(4, 3), 7, 7,
                new AttentionSpec(HEADS, 0.6, true).withDropout(0.4, new RandomKey(3, 5)));
    }

    private void compare(Sequences queries, Sequences keys, int n, int m, AttentionSpec spec) {
        Tensor q = engine.normal(1, n, C);
        Tensor k = engine.normal(2, m, C);
        Tensor v = engine.normal(3, m, C);
        Tensor out = engine.poisoned(n, C);
        Tensor lse = engine.poisoned(n, HEADS);
        engine.kernels().attention(out, lse, q, k, v, queries, keys, spec);
        double[] expected = textbook(engine.numbers(q), engine.numbers(k), engine.numbers(v), queries, keys, n, spec);
        assertThat(engine.numbers(out)).containsExactly(expected, within(1e-13));

        Tensor dout = engine.normal(4, n, C);
        Tensor dq = engine.poisoned(n, C);
        Tensor dk = engine.of(Shape.of(m, C), new double[m * C]);
        Tensor dv = engine.of(Shape.of(m, C), new double[m * C]);
        engine.kernels().attentionBackward(dq, dk, dv, engine.poisoned(n, HEADS), dout, out, lse, q, k, v, queries,
                keys, spec, 0);
        for (Tensor[] pair : new Tensor[][] {{q, dq}, {k, dk}, {v, dv}}) {
            FiniteDifferences.check(engine, pair[0], pair[1], () -> FiniteDifferences.dot(engine.numbers(dout),
                    textbook(engine.numbers(q), engine.numbers(k), engine.numbers(v), queries, keys, n, spec)));
        }
    }

    private static double[] textbook(double[] q, double[] k, double[] v, Sequences queries, Sequences keys, int n,
            AttentionSpec spec) {
        double[] out = new double[n * C];
        for (int s = 0; s < queries.count(); s++) {
            for (int h = 0; h < HEADS; h++) {
                for (int i = 0; i < queries.length(s); i++) {
                    int row = queries.start(s) + i;
                    double[] weights = weights(q, k, queries, keys, s, h, i, spec);
                    for (int j = 0; j < weights.length; j++) {
                        for (int c = 0; c < D; c++) {
                            out[row * C + h * D + c] += weights[j] * v[(keys.start(s) + j) * C + h * D + c];
                        }
                    }
                }
            }
        }
        return out;
    }

    private static double[] weights(double[] q, double[] k, Sequences queries, Sequences keys, int s, int h, int i,
            AttentionSpec spec) {
        int row = queries.start(s) + i;
        double[] weights = new double[keys.length(s)];
        double sum = 0;
        for (int j = 0; j < weights.length; j++) {
            double score = 0;
            for (int c = 0; c < D; c++) {
                score += q[row * C + h * D + c] * k[(keys.start(s) + j) * C + h * D + c];
            }
            boolean hidden = spec.causal() && j - weights.length > i - queries.length(s);
            weights[j] = hidden ? 0 : Math.exp(spec.scale() * score);
            sum += weights[j];
        }
        for (int j = 0; j < weights.length; j++) {
            long element = ((long) h * queries.rows() + row) * (1 << 20) + j;
            boolean dropped = spec.dropout() > 0
                    && Philox.uniform(Philox.word(spec.key(), element)) < spec.dropout();
            weights[j] *= dropped ? 0 : 1 / sum / (1 - spec.dropout());
        }
        return weights;
    }
}
