package dev.lorikeet.autograd.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.TapeReport;
import dev.lorikeet.autograd.TestEngine;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RecomputeTest {
    private static final RandomKey RANDOM = new RandomKey(8, 100);

    @RegisterExtension
    private final TestEngine engine = new TestEngine();

    private final Trainable first = engine.trainable("first", 6, 6);
    private final Frozen frozen = engine.frozen("frozen", 6, 6);
    private final Trainable second = engine.trainable("second", 6, 6);
    private final Frozen input = engine.frozen("input", 5, 6);

    /// Three blocks, dropout before, inside and after; the middle one has nothing to train.
    private Activation loss(Tape tape) {
        Variable x = Dropout.apply(tape, Scale.apply(tape, input, 2), 0.1);
        x = Recompute.apply(tape, x, (on, in) -> block(on, in, first));
        x = Recompute.apply(tape, x, (on, in) -> block(on, in, frozen));
        x = Recompute.apply(tape, x, (on, in) -> block(on, in, second));
        return Sum.apply(tape, Dropout.apply(tape, x, 0.2), 1);
    }

    private static Activation block(Tape tape, Variable x, Variable weight) {
        try (var frame = tape.frame()) {
            Activation h = Elementwise.apply(tape, MatMul.apply(tape, x, false, weight, false),
                    UnaryFunction.GELU_TANH);
            return frame.keep(Add.apply(tape, x, Dropout.apply(tape, h, 0.25)));
        }
    }

    private List<double[]> lossAndGradients(Tape tape) {
        List<double[]> numbers = new ArrayList<>();
        for (Trainable weight : List.of(first, second)) {
            weight.clearGrad();
        }
        Activation loss = loss(tape);
        tape.backward(loss);
        numbers.add(engine.numbers(loss.value()));
        for (Trainable weight : List.of(first, second)) {
            numbers.add(engine.numbers(weight.grad()));
        }
        return numbers;
    }

    @Test
    void loss_and_gradients_are_the_same_bit_for_bit() {
        try (Tape plain = Tape.training(engine.pool(), RANDOM); Tape again = Tape.recomputing(engine.pool(), RANDOM)) {
            List<double[]> expected = lossAndGradients(plain);
            List<double[]> actual = lossAndGradients(again);
            for (int i = 0; i < expected.size(); i++) {
                assertThat(actual.get(i)).containsExactly(expected.get(i));
            }
            assertThat(expected.get(1)).as("the first block's gradient").doesNotContain(0, Double.NaN);
        }
        assertThat(engine.pool().usedBytes()).as("bytes still on loan").isZero();
    }

    @Test
    void only_the_inputs_of_blocks_are_saved() {
        try (Tape plain = Tape.training(engine.pool(), RANDOM); Tape again = Tape.recomputing(engine.pool(), RANDOM)) {
            loss(plain);
            loss(again);
            TapeReport report = again.report();
            assertThat(report.lines()).extracting(TapeReport.Line::op).containsExactly("Dropout", "Recompute", "Sum");
            Tensor x = input.value();
            assertThat(report.lines().get(1)).isEqualTo(new TapeReport.Line("Recompute", 3, 3 * 512));
            assertThat(x.bytes()).as("an input takes the smallest piece of the pool").isLessThanOrEqualTo(512);
            assertThat(report.savedBytes()).isLessThan(plain.report().savedBytes());
        }
    }

    @Test
    void a_block_below_everything_trainable_is_not_recorded() {
        try (Tape tape = Tape.recomputing(engine.pool(), null)) {
            Activation y = Recompute.apply(tape, input, (on, in) -> block(on, in, frozen));
            assertThat(y.isTracked()).isFalse();
            assertThat(tape.size()).isZero();
        }
    }

    @Test
    void a_block_that_reaches_out_of_itself_is_refused() {
        try (Tape tape = Tape.recomputing(engine.pool(), null)) {
            Activation outside = Scale.apply(tape, first, 2);
            assertThatThrownBy(() -> Recompute.apply(tape, input, (on, in) -> Add.apply(on,
                    MatMul.apply(on, in, false, outside, false), in)))
                    .isInstanceOf(IllegalStateException.class).hasMessageContaining("outside of the block");
        }
    }
}
