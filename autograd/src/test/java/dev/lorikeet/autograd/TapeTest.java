package dev.lorikeet.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.op.Add;
import dev.lorikeet.autograd.op.ColumnSlice;
import dev.lorikeet.autograd.op.Dropout;
import dev.lorikeet.autograd.op.Elementwise;
import dev.lorikeet.autograd.op.LayerNorm;
import dev.lorikeet.autograd.op.Linear;
import dev.lorikeet.autograd.op.LowRankDelta;
import dev.lorikeet.autograd.op.Multiply;
import dev.lorikeet.autograd.op.Scale;
import dev.lorikeet.autograd.op.Sum;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.ShapeMismatch;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TapeTest {
    private static final int KIB_4 = 4096;

    @RegisterExtension
    private final TestEngine engine = new TestEngine();

    private final Tape tape = engine.tape();

    @AfterEach
    void close() {
        tape.close();
    }

    /// A tracked activation of 16 × 32 doubles, 4 KiB.
    private Activation tracked() {
        return Scale.apply(tape, engine.trainable("source", 16, 32), 1);
    }

    private TapeReport.Line line(String op) {
        return tape.report().lines().stream().filter(line -> line.op().equals(op)).findFirst().orElseThrow();
    }

    // --- what is recorded and saved --------------------------------------------------------------------------------

    @Test
    void a_frozen_linear_keeps_no_activation() {
        Linear.apply(tape, tracked(), engine.frozen("w", 8, 32), engine.frozen("b", 8), WeightOrder.OUT_IN);
        assertThat(line("Linear")).isEqualTo(new TapeReport.Line("Linear", 1, 0));
    }

    @Test
    void a_bias_alone_needs_no_activation() {
        Variable x = tape.constant(engine.normal(16, 32));
        Linear.apply(tape, x, engine.frozen("w", 32, 8), engine.trainable("b", 8), WeightOrder.IN_OUT);
        LayerNorm.apply(tape, x, engine.frozen("weight", 32), engine.trainable("bias", 32), 1e-5);
        assertThat(tape.size()).isEqualTo(2);
        assertThat(tape.report().savedBytes()).isZero();
    }

    @Test
    void a_trainable_linear_keeps_its_input() {
        Linear.apply(tape, tracked(), engine.trainable("w", 8, 32), null, WeightOrder.OUT_IN);
        assertThat(line("Linear").bytes()).isEqualTo(KIB_4);
    }

    @Test
    void below_the_first_adapter_the_tape_is_empty() {
        Variable x = tape.constant(engine.normal(5, 8));
        for (int layer = 0; layer < 3; layer++) {
            x = Linear.apply(tape, x, engine.frozen("w", 8, 8), engine.frozen("b", 8), WeightOrder.IN_OUT);
            x = Elementwise.apply(tape, x, UnaryFunction.GELU_TANH);
            x = LayerNorm.apply(tape, x, engine.frozen("weight", 8), engine.frozen("bias", 8), 1e-5);
        }
        assertThat(tape.size()).isZero();
        assertThat(tape.report().savedBytes()).isZero();
        Activation y = Linear.apply(tape, x, engine.frozen("w", 8, 8), null, WeightOrder.IN_OUT);
        Activation adapted = LowRankDelta.apply(
                tape, y, x, engine.trainable("a", 2, 8), engine.trainable("b", 8, 2), List.of(new ColumnSlice(0, 8)), 1,
                0);
        assertThat(adapted.isTracked()).isTrue();
        assertThat(tape.report().lines()).extracting(TapeReport.Line::op).containsExactly("LowRankDelta");
    }

    @Test
    void the_low_rank_delta_saves_what_its_trainable_parts_need() {
        assertThat(deltaBytes(true, true)).as("x and h").isEqualTo(2 * KIB_4);
        assertThat(deltaBytes(true, false)).as("x").isEqualTo(KIB_4);
        assertThat(deltaBytes(false, true)).as("h").isEqualTo(KIB_4);
    }

    private long deltaBytes(boolean aTrains, boolean bTrains) {
        try (Tape own = engine.tape()) {
            Activation x = Scale.apply(own, engine.frozen("x", 16, 32), 1);
            Activation y = Scale.apply(own, engine.frozen("y", 16, 32), 1);
            LowRankDelta.apply(
                    own, y, x,
                    aTrains ? engine.trainable("a", 32, 32) : engine.frozen("a", 32, 32),
                    bTrains ? engine.trainable("b", 32, 32) : engine.frozen("b", 32, 32),
                    List.of(new ColumnSlice(0, 32)), 1, 0);
            return own.report().savedBytes();
        }
    }

    @Test
    void a_tensor_that_two_ops_save_is_counted_once() {
        Activation x = tracked();
        Elementwise.apply(tape, x, UnaryFunction.TANH);
        Multiply.apply(tape, x, x);
        assertThat(line("Elementwise").bytes()).isEqualTo(KIB_4);
        assertThat(line("Multiply").bytes()).isZero();
        assertThat(tape.report().savedBytes()).isEqualTo(KIB_4);
        assertThat(tape.report().recordedOps()).isEqualTo(3);
        assertThat(tape.report().toString()).contains("Elementwise", "Multiply", "Scale", "4,096", "total");
    }

    @Test
    void an_inference_tape_records_nothing_and_drops_nothing() {
        try (Tape inference = Tape.inference(engine.pool())) {
            Trainable w = engine.trainable("w", 3, 4);
            assertThat(Dropout.apply(inference, w, 0.9)).isSameAs(w);
            assertThat(Elementwise.apply(inference, w, UnaryFunction.TANH).isTracked()).isFalse();
            assertThat(inference.size()).isZero();
            assertThat(inference.needsGrad(w)).isFalse();
        }
    }

    @Test
    void each_random_op_of_a_step_gets_a_stream_of_its_own() {
        try (Tape random = Tape.training(engine.pool(), new RandomKey(7, 100))) {
            assertThat(random.nextRandom()).contains(new RandomKey(7, 100));
            assertThat(random.nextRandom()).contains(new RandomKey(7, 101));
        }
        assertThat(tape.nextRandom()).isEmpty();
    }

    @Test
    void only_a_traced_tape_remembers_what_it_does_not_record() {
        try (Tape traced = Tape.traced(engine.pool(), null)) {
            Activation frozen = Scale.apply(traced, engine.frozen("f", 16, 32), 1);
            Trainable w = engine.trainable("w", 16, 32);
            Activation product = Multiply.apply(traced, frozen, w);
            assertThat(traced.size()).isEqualTo(1);
            assertThat(traced.trace()).extracting(Traced::op).containsExactly(Scale.class, Multiply.class);
            assertThat(traced.trace()).extracting(Traced::savedBytes).containsExactly(0L, (long) KIB_4);
            assertThat(traced.trace().get(1).inputs()).containsExactly(frozen, w);
            assertThat(traced.trace().get(1).output()).isSameAs(product);
        }
        assertThatThrownBy(() -> tape.trace()).hasMessageContaining("Tape.traced");
    }

    // --- backward --------------------------------------------------------------------------------------------------

    @Test
    void two_backward_passes_add_up() {
        Trainable w = engine.trainable("w", 3, 4);
        double[] first = backward(w, engine.normal(3, 4));
        w.clearGrad();
        double[] second = backward(w, engine.normal(3, 4));
        double[] both = backward(w, null);
        for (int i = 0; i < both.length; i++) {
            assertThat(both[i]).isEqualTo(second[i] + 1);
        }
        assertThat(first).isNotEqualTo(second);
    }

    /// The gradient of `Σ w∘c`, or of `Σ w`, added to what `w` has.
    private double[] backward(Trainable w, Tensor c) {
        try (Tape own = engine.tape()) {
            own.backward(Sum.apply(own, c == null ? w : Multiply.apply(own, w, own.constant(c)), 1));
        }
        return engine.numbers(w.grad());
    }

    @Test
    void a_cleared_gradient_is_overwritten_without_being_read() {
        Trainable w = engine.trainable("w", 3, 4);
        assertThat(w.hasGrad()).isFalse();
        assertThat(engine.numbers(w.grad())).containsOnly(Double.NaN);
        assertThat(backward(w, null)).containsOnly(1.0);
        assertThat(backward(w, null)).containsOnly(2.0);
        w.clearGrad();
        engine.backend().kernels().fill(w.grad(), Double.NaN);
        assertThat(backward(w, null)).containsOnly(1.0);
        assertThat(w.hasGrad()).isTrue();
    }

    @Test
    void two_passes_on_one_tape_add_up_too() {
        Trainable w = engine.trainable("w", 5);
        tape.backward(Sum.apply(tape, w, 2));
        tape.backward(Sum.apply(tape, w, 3));
        assertThat(engine.numbers(w.grad())).containsOnly(5.0);
    }

    @Test
    void what_the_loss_does_not_depend_on_gets_no_gradient() {
        Trainable used = engine.trainable("used", 2, 3);
        Trainable unused = engine.trainable("unused", 2, 3);
        Elementwise.apply(tape, unused, UnaryFunction.EXP);
        Activation loss = Sum.apply(tape, used, 1);
        Elementwise.apply(tape, used, UnaryFunction.EXP);
        tape.backward(loss);
        assertThat(used.hasGrad()).isTrue();
        assertThat(unused.hasGrad()).isFalse();
        assertThat(engine.numbers(used.grad())).containsOnly(1.0);
    }

    @Test
    void backward_of_something_untracked_is_refused() {
        Activation constant = Sum.apply(tape, engine.frozen("f", 3), 1);
        assertThatThrownBy(() -> tape.backward(constant))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("nothing trainable");
    }

    @Test
    void backward_of_a_matrix_needs_its_gradient() {
        Activation y = tracked();
        assertThatThrownBy(() -> tape.backward(y))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has 512");
        Tensor transposed = engine.normal(32, 16);
        assertThatThrownBy(() -> tape.backward(y, transposed)).isInstanceOf(ShapeMismatch.class);
    }

    @Test
    void a_second_backward_over_the_same_record_is_refused() {
        Activation loss = Sum.apply(tape, tracked(), 1);
        tape.backward(loss);
        assertThat(tape.size()).isZero();
        assertThatThrownBy(() -> tape.backward(loss))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("before this tape's last backward");
        assertThatThrownBy(() -> Scale.apply(tape, loss, 2)).hasMessageContaining("before this tape's last backward");
    }

    @Test
    void a_variable_of_another_tape_is_refused() {
        Activation here = tracked();
        try (Tape other = engine.tape()) {
            Activation there = Scale.apply(other, engine.trainable("w", 16, 32), 1);
            assertThatThrownBy(() -> Add.apply(tape, here, there)).hasMessageContaining("recorded by another tape");
            assertThatThrownBy(() -> tape.backward(there, engine.normal(16, 32)))
                    .hasMessageContaining("recorded by another tape");
        }
    }

    @Test
    void a_gradient_buffer_must_fit_its_weight() {
        assertThatThrownBy(() -> new Trainable("w", engine.normal(2, 3), engine.normal(3, 2)))
                .isInstanceOf(ShapeMismatch.class)
                .hasMessageContaining("gradient of w");
        assertThatThrownBy(() -> new Trainable("w", engine.normal(2, 3), engine.normal(2, 5).cols(0, 3)))
                .hasMessageContaining("must be contiguous");
    }
}
