package dev.lorikeet.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.op.Add;
import dev.lorikeet.autograd.op.ColumnSlice;
import dev.lorikeet.autograd.op.Elementwise;
import dev.lorikeet.autograd.op.LayerNorm;
import dev.lorikeet.autograd.op.Linear;
import dev.lorikeet.autograd.op.LinearCrossEntropy;
import dev.lorikeet.autograd.op.LowRankDelta;
import dev.lorikeet.autograd.op.Reshape;
import dev.lorikeet.autograd.op.Scale;
import dev.lorikeet.autograd.op.SelfAttention;
import dev.lorikeet.autograd.op.Softmax;
import dev.lorikeet.autograd.op.Sum;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Who owns the memory of a step, and when it goes back.
class StepMemoryTest {
    private static final int KIB_4 = 4096;

    @RegisterExtension
    private final TestEngine engine = new TestEngine();

    private final Tape tape = engine.tape();

    @AfterEach
    void close() {
        tape.close();
    }

    /// 4 KiB of step memory.
    private Activation untracked() {
        return Scale.apply(tape, engine.frozen("f", 16, 32), 1);
    }

    private Activation tracked() {
        return Scale.apply(tape, engine.trainable("w", 16, 32), 1);
    }

    private long used() {
        return engine.pool().usedBytes();
    }

    // --- frames ----------------------------------------------------------------------------------------------------

    @Test
    void a_frame_returns_its_temporaries() {
        Activation outside = untracked();
        try (Frame _ = tape.frame()) {
            Scale.apply(tape, outside, 2);
            tape.allocate(DType.F64, Shape.of(16, 32));
            assertThat(used()).isEqualTo(3 * KIB_4);
        }
        assertThat(used()).isEqualTo(KIB_4);
        assertThat(engine.numbers(outside.value())).doesNotContain(Double.NaN);
    }

    @Test
    void what_is_kept_outlives_the_frame_but_not_the_enclosing_one() {
        Activation kept;
        try (Frame outer = tape.frame()) {
            try (Frame inner = tape.frame()) {
                Scale.apply(tape, untracked(), 2);
                kept = inner.keep(untracked());
                assertThat(inner.keep(kept)).isSameAs(kept);
            }
            assertThat(used()).isEqualTo(KIB_4);
            assertThat(engine.numbers(kept.value())).doesNotContain(Double.NaN);
            assertThat(outer).isNotNull();
        }
        assertThat(used()).isZero();
        assertThatThrownBy(kept::value)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("released when its frame or tape closed");
        assertThat(kept.shape()).isEqualTo(Shape.of(16, 32));
    }

    @Test
    void keeping_a_view_keeps_its_memory() {
        Activation view;
        try (Frame frame = tape.frame()) {
            view = frame.keep(Reshape.apply(tape, untracked(), Shape.of(512)));
        }
        assertThat(used()).isEqualTo(KIB_4);
        assertThat(engine.numbers(view.value())).hasSize(512);
    }

    @Test
    void what_a_recorded_op_has_saved_stays_until_its_backward() {
        Activation loss;
        try (Frame frame = tape.frame()) {
            Activation x = tracked();
            loss = frame.keep(Sum.apply(tape, Elementwise.apply(tape, x, UnaryFunction.TANH), 1));
        }
        long loss512 = 512;
        assertThat(used()).as("x and the loss, but not tanh(x)").isEqualTo(KIB_4 + loss512);
        Tensor one = engine.doubles(Shape.of(1), 1);
        tape.backward(loss, one);
        assertThat(used()).as("the loss").isEqualTo(loss512);
    }

    @Test
    void a_released_activation_cannot_be_used() {
        Activation gone;
        try (Frame _ = tape.frame()) {
            gone = untracked();
        }
        assertThatThrownBy(() -> Scale.apply(tape, gone, 2))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("keep it with frame.keep");
        Activation reused = untracked();
        assertThatThrownBy(gone::value).as("its memory belongs to another now").hasMessageContaining("released");
        assertThat(reused.value()).isNotNull();
    }

    @Test
    void after_the_step_nothing_can_be_used() {
        Activation y = untracked();
        tape.close();
        assertThatThrownBy(y::value).hasMessageContaining("tape closed");
    }

    @Test
    void frames_close_in_the_reverse_order_of_opening() {
        Frame outer = tape.frame();
        Frame inner = tape.frame();
        assertThatThrownBy(outer::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("reverse order");
        inner.close();
        outer.close();
    }

    // --- working in place ------------------------------------------------------------------------------------------

    @Test
    void a_saved_activation_cannot_be_overwritten() {
        Activation x = tracked();
        Elementwise.apply(tape, x, UnaryFunction.TANH);
        Activation y = Softmax.apply(tape, tracked(), Softmax.ALL);
        for (Activation saved : List.of(x, y)) {
            assertThatThrownBy(() -> tape.overwrite(saved))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("a recorded op has saved it");
            assertThat(saved.value()).as("still usable").isNotNull();
        }
    }

    @Test
    void memory_of_the_model_cannot_be_overwritten() {
        Activation constant = tape.constant(engine.normal(3, 4));
        Activation view = Reshape.apply(tape, engine.trainable("w", 3, 4), Shape.of(4, 3));
        assertThatThrownBy(() -> tape.overwrite(constant)).hasMessageContaining("not step memory");
        assertThatThrownBy(() -> tape.overwrite(view)).hasMessageContaining("not step memory");
    }

    @Test
    void after_an_op_in_place_neither_the_old_activation_nor_a_view_of_it_can_be_used() {
        Activation y = untracked();
        Activation view = Reshape.apply(tape, y, Shape.of(512));
        Activation sum = LowRankDelta.apply(
                tape, y, tape.constant(engine.normal(16, 3)), engine.trainable("a", 2, 3), engine.trainable("b", 32, 2),
                List.of(new ColumnSlice(0, 32)), 1, 0);
        for (Activation old : List.of(y, view)) {
            assertThatThrownBy(old::value).hasMessageContaining("was overwritten by an op that works in place");
        }
        assertThat(engine.numbers(sum.value())).doesNotContain(Double.NaN);
    }

    // --- backward --------------------------------------------------------------------------------------------------

    @Test
    void an_intermediate_gradient_returns_when_it_is_consumed() {
        Activation x = tracked();
        for (int i = 0; i < 20; i++) {
            x = Scale.apply(tape, x, 2);
        }
        long before = used();
        assertThat(engine.pool().peakBytes()).isEqualTo(before);
        tape.backward(x, engine.normal(16, 32));
        assertThat(engine.pool().peakBytes() - before).as("two gradients at a time").isEqualTo(2 * KIB_4);
        assertThat(used()).isEqualTo(before);
    }

    @Test
    void a_residual_stream_copies_no_gradient() {
        Trainable w = engine.trainable("w", 16, 32);
        Activation x = Add.apply(tape, w, untracked());
        for (int i = 0; i < 20; i++) {
            x = Add.apply(tape, x, untracked());
        }
        long before = used();
        tape.backward(x, engine.normal(16, 32));
        assertThat(engine.pool().peakBytes()).isEqualTo(before);
    }

    @Test
    void the_gradient_of_the_caller_is_left_alone() {
        Activation x = tracked();
        Activation y = Add.apply(tape, x, Elementwise.apply(tape, x, UnaryFunction.TANH));
        Tensor dy = engine.normal(16, 32);
        double[] before = engine.numbers(dy);
        tape.backward(Add.apply(tape, y, x), dy);
        assertThat(engine.numbers(dy)).isEqualTo(before);
    }

    // --- steps -----------------------------------------------------------------------------------------------------

    @Test
    void from_the_second_identical_step_on_nothing_is_allocated() {
        Model model = new Model(engine);
        model.step(engine);
        double[] first = engine.numbers(model.a.grad());
        long allocations = engine.pool().allocations();
        assertThat(allocations).isPositive();
        for (int step = 1; step < 4; step++) {
            model.step(engine);
            assertThat(engine.pool().allocations()).isEqualTo(allocations);
            assertThat(engine.pool().usedBytes()).isZero();
            assertThat(engine.numbers(model.a.grad())).as("on recycled memory").isEqualTo(first);
        }
    }

    @Test
    void a_step_that_fails_half_way_returns_its_memory() {
        try (Tape failing = engine.tape(); Frame _ = failing.frame()) {
            Elementwise.apply(failing, engine.trainable("w", 16, 32), UnaryFunction.TANH);
            throw new IllegalArgumentException("half way");
        } catch (IllegalArgumentException _) {
            assertThat(engine.pool().ownedBytes()).isPositive();
            assertThat(engine.pool().usedBytes()).isZero();
        }
    }

    /// Two blocks with an adapted attention and a frozen MLP each, and a loss over a vocabulary.
    private static final class Model {
        private static final Sequences BATCH = Sequences.of(4, 0, 2, 7);
        private static final int C = 8;
        private static final List<ColumnSlice> Q_AND_V = List.of(new ColumnSlice(0, C), new ColumnSlice(2 * C, 3 * C));

        private final Frozen input;
        private final Frozen qkv;
        private final Frozen mlp;
        private final Frozen ones;
        private final Frozen vocabulary;
        private final Trainable a;
        private final Trainable b;
        private final Tensor labels;

        Model(TestEngine engine) {
            input = engine.frozen("input", BATCH.rows(), C);
            qkv = engine.frozen("qkv", C, 3 * C);
            mlp = engine.frozen("mlp", C, C);
            ones = engine.frozen("ones", C);
            vocabulary = engine.frozen("vocabulary", 11, C);
            a = engine.trainable("a", 4, C);
            b = engine.trainable("b", 2 * C, 2);
            labels = engine.ints(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, -1, -1);
        }

        void step(TestEngine engine) {
            a.clearGrad();
            b.clearGrad();
            try (Tape tape = Tape.training(engine.pool(), new RandomKey(1, 1))) {
                Variable x = input;
                for (int block = 0; block < 2; block++) {
                    x = block(tape, x);
                }
                tape.backward(LinearCrossEntropy.apply(tape, x, vocabulary, labels, 0.1, 0.1, 5).loss());
            }
        }

        private Activation block(Tape tape, Variable x) {
            try (Frame frame = tape.frame()) {
                Activation n = LayerNorm.apply(tape, x, ones, ones, 1e-5);
                Activation fused = LowRankDelta.apply(
                        tape, Linear.apply(tape, n, qkv, null, WeightOrder.IN_OUT), n, a, b, Q_AND_V, 2, 0.1);
                Activation h = Add.apply(
                        tape, x, SelfAttention.apply(tape, fused, BATCH, new AttentionSpec(2, 0.5, true)));
                Activation m = LayerNorm.apply(tape, h, ones, ones, 1e-5);
                return frame.keep(Add.apply(tape, h, Elementwise.apply(
                        tape, Linear.apply(tape, m, mlp, ones, WeightOrder.IN_OUT), UnaryFunction.GELU_TANH)));
            }
        }
    }
}
