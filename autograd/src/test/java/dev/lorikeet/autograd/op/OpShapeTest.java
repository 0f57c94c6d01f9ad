package dev.lorikeet.autograd.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.TestEngine;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.ShapeMismatch;
import dev.lorikeet.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Ops refuse what they cannot compute before any kernel runs, and name both shapes.
class OpShapeTest {
    @RegisterExtension
    private final TestEngine engine = new TestEngine();

    private final Tape tape = engine.tape();

    @AfterEach
    void close() {
        tape.close();
    }

    private Trainable w(int... dims) {
        return engine.trainable("w", dims);
    }

    private static void refused(Runnable op, String... message) {
        assertThatThrownBy(op::run).isInstanceOf(ShapeMismatch.class).hasMessageContainingAll(message);
    }

    @Test
    void elementwise_ops_want_equal_shapes() {
        refused(() -> Add.apply(tape, w(2, 3), w(3, 2)), "add: (2, 3) and (3, 2)");
        refused(() -> Multiply.apply(tape, w(2, 3), w(6)), "multiply: (2, 3) and (6)");
        refused(() -> Reshape.apply(tape, w(2, 3), Shape.of(5)), "6 and 5 elements");
    }

    @Test
    void magnitudes_want_one_number_per_column() {
        refused(() -> Magnitude.apply(tape, w(2, 3), w(2), w(3).value(), null), "(2, 3) and (2)", "the magnitudes");
        refused(() -> Magnitude.apply(tape, w(2, 3), w(3), w(2).value(), null), "(2, 3) and (2)", "inverse norms");
        refused(() -> Magnitude.apply(tape, w(2, 3), w(3), w(3).value(), w(4)), "(2, 3) and (4)", "the bias");
    }

    @Test
    void matrix_products_want_matching_inner_extents() {
        refused(() -> MatMul.apply(tape, w(2, 3), false, w(2, 3), false), "matmul: (2, 3) and (2, 3)");
        refused(() -> Linear.apply(tape, w(2, 3), w(3, 5), null, WeightOrder.OUT_IN), "(2, 3) and (3, 5)", "OUT_IN");
        refused(() -> Linear.apply(tape, w(2, 3), w(3, 5), w(3), WeightOrder.IN_OUT), "bias must have 5 elements");
    }

    @Test
    void layer_norm_wants_a_weight_and_a_bias_per_column() {
        refused(() -> LayerNorm.apply(tape, w(2, 3), w(2), w(3), 1e-5), "one element per column");
        refused(() -> LayerNorm.apply(tape, w(2, 3), w(3), w(2), 1e-5), "one element per column");
    }

    @Test
    void losses_want_a_label_per_row() {
        Tensor labels = engine.ints(0, 1, 0);
        refused(() -> CrossEntropy.apply(tape, w(2, 5), labels, 0), "one label per row");
        refused(() -> LinearCrossEntropy.apply(tape, w(2, 4), w(7, 4), labels, 0, 1), "do not match");
        refused(() -> LinearCrossEntropy.apply(tape, w(3, 4), w(7, 5), labels, 0, 1), "(3, 4) and (7, 5)");
    }

    @Test
    void selections_want_indices_that_fit() {
        refused(() -> Take.apply(tape, w(4), engine.ints(1, 2), Shape.of(3)), "one index per element");
        refused(() -> EmbeddingSum.apply(
                tape, new Variable[] {w(5, 3), w(4, 2)}, new Tensor[] {engine.ints(0), engine.ints(0)}),
                "do not match");
        refused(() -> EmbeddingSum.apply(
                tape, new Variable[] {w(5, 3), w(4, 3)}, new Tensor[] {engine.ints(0), engine.ints(0, 1)}),
                "do not match");
    }

    @Test
    void attention_wants_rows_for_its_sequences_and_columns_for_its_heads() {
        Sequences three = Sequences.of(1, 2);
        AttentionSpec heads = new AttentionSpec(2, 1, true);
        refused(() -> Attention.apply(tape, w(3, 4), w(3, 4), w(3, 6), three, three, heads), "need 4 columns");
        refused(() -> Attention.apply(tape, w(3, 5), w(3, 5), w(3, 5), three, three, heads), "2 heads");
        refused(() -> Attention.apply(tape, w(4, 4), w(3, 4), w(3, 4), three, three, heads), "Sequences[1, 2]");
        refused(() -> Attention.apply(tape, w(3, 4), w(3, 4), w(3, 4), three, Sequences.of(3), heads), "[3]");
        refused(() -> SelfAttention.apply(tape, w(3, 10), three, heads), "(3, 10)");
        refused(() -> SelfAttention.apply(tape, w(4, 12), three, heads), "(4, 12)", "Sequences[1, 2]");
    }

    @Test
    void rows_of_a_cache_that_no_sequence_owns_cannot_be_trained_but_can_be_read() {
        Sequences queries = Sequences.of(1, 1);
        Sequences slots = Sequences.slots(new int[] {0, 3}, new int[] {2, 1});
        AttentionSpec spec = new AttentionSpec(1, 1, true);
        Activation q = tape.constant(engine.normal(2, 4));
        Activation cache = tape.constant(engine.normal(6, 4));
        refused(() -> Attention.apply(tape, q, w(6, 4), w(6, 4), queries, slots, spec), "would get no gradient");
        assertThat(engine.numbers(Attention.apply(tape, q, cache, cache, queries, slots, spec).value()))
                .doesNotContain(Double.NaN);
    }

    @Test
    void the_low_rank_delta_wants_a_and_b_for_its_slices() {
        List<ColumnSlice> two = List.of(new ColumnSlice(0, 2), new ColumnSlice(4, 6));
        Trainable x = w(3, 5);
        refused(() -> delta(x, w(4, 4), w(4, 2), two), "(3, 5) and (4, 4)");
        refused(() -> delta(x, w(4, 5), w(5, 2), two), "need 4 rows of B");
        refused(() -> delta(x, w(2, 5), w(4, 2), two), "A must have 2·r rows");
        refused(() -> delta(x, w(2, 5), w(2, 2), List.of(new ColumnSlice(5, 7))), "(3, 6)");
        assertThatThrownBy(() -> new ColumnSlice(2, 2)).hasMessageContaining("[2, 2)");
    }

    private void delta(Variable x, Variable a, Variable b, List<ColumnSlice> slices) {
        LowRankDelta.apply(tape, Scale.apply(tape, engine.frozen("y", 3, 6), 1), x, a, b, slices, 1, 0);
    }

    @Test
    void a_probability_of_one_or_less_than_zero_is_refused_even_without_randomness() {
        for (double p : new double[] {1, -0.1, Double.NaN}) {
            assertThatThrownBy(() -> Dropout.apply(tape, w(2), p)).hasMessageContaining("[0, 1), was " + p);
            assertThatThrownBy(() -> LowRankDelta.apply(
                            tape, Scale.apply(tape, w(3, 2), 1), w(3, 5), w(1, 5), w(2, 1),
                            List.of(new ColumnSlice(0, 2)), 1, p))
                    .hasMessageContaining("[0, 1), was " + p);
        }
    }
}
