package dev.lorikeet.autograd;

import dev.lorikeet.autograd.check.GradCheck;
import dev.lorikeet.autograd.op.Add;
import dev.lorikeet.autograd.op.Elementwise;
import dev.lorikeet.autograd.op.Multiply;
import dev.lorikeet.autograd.op.Reshape;
import dev.lorikeet.autograd.op.Scale;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Ops that hand a gradient on unchanged share its buffer. These are the graphs in which a shared buffer is written
/// while somebody else still needs it.
class GradientSharingTest {
    private static final UnaryFunction TANH = UnaryFunction.TANH;

    @RegisterExtension
    private final TestEngine engine = new TestEngine();

    private final Trainable v = engine.trainable("v", 2, 3);
    private final Trainable w = engine.trainable("w", 2, 3);
    private final Frozen frozen = engine.frozen("f", 2, 3);

    private void check(Function<Tape, Activation> f) {
        GradCheck.on(engine.backend()).check(f, List.of(v, w)).assertCorrect(1e-8);
    }

    @Test
    void a_residual_connection_x_plus_f_of_x() {
        check(tape -> {
            Activation x = Multiply.apply(tape, v, w);
            return Add.apply(tape, x, Elementwise.apply(tape, x, TANH));
        });
    }

    @Test
    void functions_of_functions_work_on_one_buffer_unless_somebody_else_needs_it() {
        check(tape -> {
            Activation x = Multiply.apply(tape, v, w);
            Activation y = Elementwise.apply(tape, Elementwise.apply(tape, x, TANH), UnaryFunction.EXP);
            Activation z = Add.apply(tape, y, x);
            return Add.apply(tape, Elementwise.apply(tape, z, TANH), Elementwise.apply(tape, z, UnaryFunction.SIGMOID));
        });
    }

    @Test
    void the_shared_buffer_gets_a_contribution_before_its_other_owner_consumes_it() {
        check(tape -> {
            Activation q = Elementwise.apply(tape, v, TANH);
            Activation p = Elementwise.apply(tape, w, TANH);
            Activation m = Elementwise.apply(tape, p, TANH);
            Activation y = Add.apply(tape, p, q);
            return Add.apply(tape, y, m);
        });
    }

    @Test
    void the_owner_that_consumes_last_is_the_one_written_to() {
        check(tape -> {
            Activation p = Elementwise.apply(tape, w, TANH);
            Activation q = Elementwise.apply(tape, v, TANH);
            Activation m = Elementwise.apply(tape, p, TANH);
            return Add.apply(tape, Add.apply(tape, p, q), m);
        });
    }

    @Test
    void doubling_again_and_again() {
        check(tape -> {
            Activation x = Multiply.apply(tape, v, w);
            for (int i = 0; i < 5; i++) {
                x = Add.apply(tape, x, x);
            }
            return x;
        });
    }

    @Test
    void the_seed_reaches_a_weight_directly_and_through_an_op() {
        check(tape -> Add.apply(tape, Add.apply(tape, v, w), Elementwise.apply(tape, v, TANH)));
    }

    @Test
    void reshaped_views_share_too() {
        check(tape -> {
            Activation x = Multiply.apply(tape, v, w);
            Activation flat = Reshape.apply(tape, x, Shape.of(6));
            Activation curved = Elementwise.apply(tape, Reshape.apply(tape, flat, Shape.of(3, 2)), TANH);
            return Add.apply(
                    tape, Reshape.apply(tape, curved, Shape.of(2, 3)), Reshape.apply(tape, flat, Shape.of(2, 3)));
        });
    }

    @Test
    void random_graphs_that_use_everything_again_and_again() {
        for (int seed = 0; seed < 60; seed++) {
            int graph = seed;
            check(tape -> randomGraph(tape, new Random(graph)));
        }
    }

    /// Fourteen ops on earlier results, picked at random; the last one sees both weights.
    private Activation randomGraph(Tape tape, Random random) {
        List<Variable> values = new ArrayList<>(List.of(v, w, frozen));
        for (int i = 0; i < 14; i++) {
            Variable a = values.get(random.nextInt(values.size()));
            Variable b = values.get(random.nextInt(values.size()));
            values.add(switch (random.nextInt(6)) {
                case 0, 1, 2 -> Add.apply(tape, a, b);
                case 3 -> Add.apply(tape, a, -0.5, b);
                case 4 -> Elementwise.apply(tape, a, TANH);
                default -> Scale.apply(tape, a, 0.7);
            });
        }
        Activation last = Add.apply(tape, v, w);
        for (Variable value : values.subList(values.size() - 3, values.size())) {
            last = Add.apply(tape, last, value);
        }
        return last;
    }
}
