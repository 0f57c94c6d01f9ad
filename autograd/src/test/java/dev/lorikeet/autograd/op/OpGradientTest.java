package dev.lorikeet.autograd.op;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.TestEngine;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.check.GradCheck;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Every op against finite differences: every subset of its inputs frozen, the others weights, activations, or
/// activations whose gradient has begun to arrive when the op's backward runs.
class OpGradientTest {
    private static final double TOLERANCE = 1e-6;
    private static final RandomKey RANDOM = new RandomKey(3, 9);

    private enum Inputs {
        WEIGHTS,
        ACTIVATIONS,
        /// Used once more by later ops, so that the backward has to add (`beta = 1`) to every gradient.
        ACTIVATIONS_USED_LATER
    }

    private static List<OpCase> cases() {
        return Stream.concat(OpCases.all().stream(), MixingOpCases.all().stream()).toList();
    }

    @Test
    void every_op_has_a_gradient_check() {
        assertThat(cases().stream().map(OpCase::op).collect(Collectors.toSet()))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(Op.class.getPermittedSubclasses())
                        .<Class<? extends Op>>map(op -> op.asSubclass(Op.class))
                        .toList());
    }

    @TestFactory
    Stream<DynamicTest> backward_is_the_derivative_of_forward() {
        return cases().stream().map(use -> DynamicTest.dynamicTest(use.toString(), () -> checkAllSubsets(use)));
    }

    private static void checkAllSubsets(OpCase use) {
        try (TestEngine engine = new TestEngine()) {
            List<Tensor> values = use.values().apply(engine);
            assertThat(records(engine, use, values)).as("the case records its op").isTrue();
            for (int trains = 1; trains < 1 << values.size(); trains++) {
                for (Inputs kind : Inputs.values()) {
                    check(engine, use, values, trains, kind);
                }
            }
        }
    }

    /// @param trains bit i is set if input i is trainable, otherwise it is frozen
    private static void check(TestEngine engine, OpCase use, List<Tensor> values, int trains, Inputs kind) {
        List<Variable> inputs = inputs(engine, values, trains);
        List<Trainable> weights =
                inputs.stream().filter(Trainable.class::isInstance).map(Trainable.class::cast).toList();
        GradCheck.on(engine.backend())
                .withRandom(RANDOM)
                .check(
                        tape -> switch (kind) {
                            case WEIGHTS -> use.function().apply(tape, array(inputs), engine);
                            case ACTIVATIONS -> use.function().apply(tape, through(tape, inputs), engine);
                            case ACTIVATIONS_USED_LATER -> usedLater(tape, use, through(tape, inputs), engine);
                        },
                        weights)
                .assertCorrect(TOLERANCE);
    }

    /// `Σ p∘op(x…) + Σₖ Σ tanh(xₖ)` with a random `p`.
    private static Activation usedLater(Tape tape, OpCase use, Variable[] inputs, TestEngine engine) {
        Activation y = use.function().apply(tape, inputs, engine);
        Tensor p = tape.allocate(y.dtype(), y.shape());
        tape.kernels().normal(p, 0, 1, RANDOM);
        Activation sum = Sum.apply(tape, Multiply.apply(tape, y, tape.constant(p)), 1);
        for (Variable input : inputs) {
            sum = Add.apply(tape, sum, Sum.apply(tape, Elementwise.apply(tape, input, UnaryFunction.TANH), 1));
        }
        return sum;
    }

    private static boolean records(TestEngine engine, OpCase use, List<Tensor> values) {
        try (Tape tape = Tape.training(engine.pool(), RANDOM)) {
            use.function().apply(tape, array(inputs(engine, values, -1)), engine);
            return tape.report().lines().stream().anyMatch(line -> line.op().equals(use.op().getSimpleName()));
        }
    }

    private static List<Variable> inputs(TestEngine engine, List<Tensor> values, int trains) {
        List<Variable> inputs = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            inputs.add((trains >> i & 1) == 1
                    ? engine.trainable("input " + i, values.get(i))
                    : new Frozen("input " + i, values.get(i)));
        }
        return inputs;
    }

    private static Variable[] through(Tape tape, List<Variable> inputs) {
        return inputs.stream().<Activation>map(input -> Scale.apply(tape, input, 1)).toArray(Variable[]::new);
    }

    private static Variable[] array(List<Variable> inputs) {
        return inputs.toArray(Variable[]::new);
    }
}
