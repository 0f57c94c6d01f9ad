package dev.lorikeet.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.op.Add;
import dev.lorikeet.autograd.op.ColumnSlice;
import dev.lorikeet.autograd.op.Elementwise;
import dev.lorikeet.autograd.op.LayerNorm;
import dev.lorikeet.autograd.op.Linear;
import dev.lorikeet.autograd.op.LowRankDelta;
import dev.lorikeet.autograd.op.Multiply;
import dev.lorikeet.autograd.op.Scale;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What is computed again in the backward pass instead of being kept. The pool's memory is NaN unless it was written,
/// so an operand that was given back too early shows.
class OperandTest {
    private static final int KIB_4 = 4096;

    @RegisterExtension
    private final TestEngine engine = new TestEngine();

    private final Trainable source = engine.trainable("source", 16, 32);
    private final Trainable norm = engine.trainable("norm", 32);
    private final Frozen bias = engine.frozen("bias", 32);
    private final Trainable a = engine.trainable("a", 4, 32);
    private final Trainable b = engine.trainable("b", 32, 4);
    private final Trainable w = engine.trainable("w", 32, 32);
    private final Frozen base = engine.frozen("base", 32, 32);

    private static long bytes(Tape tape, String op) {
        return tape.report().lines().stream().filter(line -> line.op().equals(op)).findFirst().orElseThrow().bytes();
    }

    /// A normalised activation, an adapted projection of it, a function of that, a trained projection of that.
    ///
    /// @param keep whether another op keeps both activations, so that they are not computed again
    private Activation block(Tape tape, Variable x, boolean keep) {
        try (Frame frame = tape.frame()) {
            Activation normal = LayerNorm.apply(tape, x, norm, bias, 1e-5);
            if (keep) {
                Multiply.apply(tape, normal, normal);
            }
            Activation y = LowRankDelta.apply(
                    tape, Linear.apply(tape, normal, base, null, WeightOrder.IN_OUT), normal, a, b,
                    List.of(new ColumnSlice(0, 32)), 0.5, 0.25);
            Activation f = Elementwise.apply(tape, y, UnaryFunction.GELU_TANH);
            if (keep) {
                Multiply.apply(tape, f, f);
            }
            return frame.keep(Add.apply(tape, x, Linear.apply(tape, f, w, null, WeightOrder.OUT_IN)));
        }
    }

    private List<double[]> gradients(boolean keep) {
        List<Trainable> weights = List.of(source, norm, a, b, w);
        weights.forEach(Trainable::clearGrad);
        try (Tape tape = Tape.training(engine.pool(), new RandomKey(3, 0))) {
            Activation y = block(tape, block(tape, Scale.apply(tape, source, 1), keep), keep);
            tape.backward(y, engine.doubles(y.shape(), engine.numbers(base.value().rows(0, 16))));
        }
        List<double[]> gradients = new ArrayList<>();
        weights.forEach(weight -> gradients.add(engine.numbers(weight.grad())));
        return gradients;
    }

    @Test
    void gradients_are_the_same_bit_for_bit() {
        List<double[]> kept = gradients(true);
        List<double[]> recomputed = gradients(false);
        for (int i = 0; i < kept.size(); i++) {
            assertThat(recomputed.get(i)).containsExactly(kept.get(i)).doesNotContain(Double.NaN);
        }
    }

    @Test
    void an_adapter_behind_a_layer_norm_and_a_linear_behind_a_function_keep_no_input() {
        try (Tape tape = engine.tape()) {
            block(tape, Scale.apply(tape, source, 1), false);
            assertThat(bytes(tape, "LayerNorm")).as("x, mean, rstd").isEqualTo(KIB_4 + 512 + 512);
            assertThat(bytes(tape, "LowRankDelta")).as("h").isEqualTo(512);
            assertThat(bytes(tape, "Linear")).isZero();
        }
    }

    @Test
    void what_another_op_keeps_is_not_computed_again() {
        try (Tape tape = engine.tape()) {
            Activation normal = LayerNorm.apply(tape, Scale.apply(tape, source, 1), norm, bias, 1e-5);
            Multiply.apply(tape, normal, normal);
            assertThat(tape.recomputable(normal)).isEmpty();
        }
    }

    @Test
    void what_was_made_below_the_first_adapter_is_kept() {
        try (Tape tape = engine.tape()) {
            Frozen weight = engine.frozen("weight", 32);
            Activation normal = LayerNorm.apply(tape, tape.constant(engine.normal(16, 32)), weight, bias, 1e-5);
            Linear.apply(tape, normal, w, null, WeightOrder.OUT_IN);
            assertThat(bytes(tape, "Linear")).isEqualTo(KIB_4);
        }
    }

    @Test
    void a_layer_norm_that_kept_nothing_cannot_be_computed_again() {
        try (Tape tape = engine.tape()) {
            Activation normal = LayerNorm.apply(
                    tape, tape.constant(engine.normal(16, 32)), engine.frozen("weight", 32),
                    engine.trainable("bias", 32), 1e-5);
            assertThat(tape.recomputable(normal)).isEmpty();
            Linear.apply(tape, normal, w, null, WeightOrder.OUT_IN);
            assertThat(bytes(tape, "Linear")).isEqualTo(KIB_4);
        }
    }
}
