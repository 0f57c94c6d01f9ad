package dev.lorikeet.autograd.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.TestEngine;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.op.Dropout;
import dev.lorikeet.autograd.op.Elementwise;
import dev.lorikeet.autograd.op.Multiply;
import dev.lorikeet.autograd.op.Scale;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Storage;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class GradCheckTest {
    @RegisterExtension
    private final TestEngine engine = new TestEngine();

    private final Trainable w = engine.trainable("w", 3, 4);

    private GradReport check(Function<Tape, Activation> f, Trainable... weights) {
        return GradCheck.on(engine.backend()).check(f, List.of(weights));
    }

    @Test
    void a_correct_gradient_is_exact_to_ten_digits() {
        GradReport report =
                check(tape -> Elementwise.apply(tape, Multiply.apply(tape, w, w), UnaryFunction.GELU_ERF), w);
        assertThat(report.maxError()).isLessThan(1e-10);
        assertThat(report.lines()).singleElement().satisfies(line -> {
            assertThat(line.weight()).isEqualTo("w");
            assertThat(line.checked()).isEqualTo(12);
        });
    }

    @Test
    void small_and_large_weights_are_checked_as_exactly() {
        for (double size : new double[] {1e-6, 1e6}) {
            Tensor value = engine.normal(2, 3);
            engine.backend().kernels().axpby(value, size, engine.normal(2, 3), 0);
            Trainable scaled = engine.trainable("scaled", value);
            GradReport report =
                    check(tape -> Elementwise.apply(tape, Scale.apply(tape, scaled, 1 / size), UnaryFunction.TANH),
                            scaled);
            assertThat(report.maxError()).as("weights of size %s", size).isLessThan(1e-9);
        }
    }

    @Test
    void a_wrong_factor_is_found_and_its_element_named() {
        GradReport report = check(tape -> wrong(tape, 2, 2.00001), w);
        assertThat(report.maxError()).isBetween(4e-6, 6e-6);
        assertThatThrownBy(() -> report.assertCorrect(1e-6))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("1 of 1 gradients")
                .hasMessageContaining("w ")
                .hasMessageMatching("(?s).*\\(\\d, \\d\\): analytic .*");
        assertThatCode(() -> report.assertCorrect(1e-5)).doesNotThrowAnyException();
    }

    @Test
    void a_lost_gradient_is_an_error_of_one() {
        GradReport report = check(tape -> Multiply.apply(tape, w, tape.constant(w.value())), w);
        assertThat(report.maxError()).isBetween(0.499, 0.501);
        Trainable lost = engine.trainable("lost", 3, 4);
        GradReport all = check(tape -> Multiply.apply(tape, w, tape.constant(lost.value())), w, lost);
        assertThat(all.lines().get(0).maxError()).isLessThan(1e-9);
        assertThat(all.lines().get(1).maxError()).isEqualTo(1);
    }

    @Test
    void reading_uninitialised_memory_is_an_infinite_error() {
        GradReport report = check(
                tape -> tape.record(Scale.class, tape.allocate(DType.F64, w.shape()), _ -> new Scale(1), w), w);
        assertThat(report.maxError()).isInfinite();
        assertThatThrownBy(() -> report.assertCorrect(1e6)).isInstanceOf(AssertionError.class);
    }

    @Test
    void a_function_that_draws_other_numbers_each_time_is_refused() {
        long[] calls = {0};
        assertThatThrownBy(() -> check(
                        tape -> {
                            Tensor y = tape.allocate(DType.F64, w.shape());
                            tape.kernels().dropout(y, w.value(), 0.5, new RandomKey(calls[0]++, 0), 0);
                            return tape.record(Dropout.class, y, _ -> new Dropout(0.5, new RandomKey(0, 0)), w);
                        }, w))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("different results for the same weights");
    }

    @Test
    void values_are_restored_bit_for_bit_and_the_gradient_remains() {
        double[] before = engine.numbers(w.value());
        check(tape -> Scale.apply(tape, w, 3), w);
        assertThat(engine.numbers(w.value())).isEqualTo(before);
        assertThat(w.hasGrad()).isTrue();
        assertThat(engine.numbers(w.grad())).doesNotContain(Double.NaN);
    }

    @Test
    void rows_with_gaps_are_perturbed_where_they_are() {
        Tensor wide = engine.normal(4, 7);
        Trainable columns = new Trainable("columns", wide.cols(2, 5), engine.normal(4, 3));
        double[] before = engine.numbers(wide);
        check(tape -> Elementwise.apply(tape, columns, UnaryFunction.SIGMOID), columns).assertCorrect(1e-9);
        assertThat(engine.numbers(wide)).isEqualTo(before);
    }

    @Test
    void sampling_checks_that_many_elements_of_each_weight() {
        Trainable small = engine.trainable("small", 2);
        GradReport report = GradCheck.on(engine.backend())
                .sampling(5)
                .check(tape -> {
                    Elementwise.apply(tape, small, UnaryFunction.TANH);
                    return Elementwise.apply(tape, w, UnaryFunction.TANH);
                }, List.of(w, small));
        assertThat(report.lines()).extracting(GradReport.Line::checked).containsExactly(5, 2);
        report.assertCorrect(1e-9);
    }

    @Test
    void only_f64_is_accepted() {
        Tensor single = engine.backend().allocate(DType.F32, Shape.of(2));
        Trainable weight = Trainable.of(engine.backend(), "single", single);
        assertThatThrownBy(() -> check(tape -> Scale.apply(tape, weight, 1), weight))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("need F64, single is F32");
        assertThatThrownBy(() -> check(tape -> Scale.apply(tape, w, 1))).hasMessageContaining("no weight");
    }

    @Test
    void memory_of_a_poisoned_backend_is_nan_when_new_and_when_recycled() {
        Storage storage = engine.pool().take(1 << 21);
        Tensor all = Tensor.of(storage, DType.F64, Shape.of(1 << 18));
        assertThat(engine.numbers(all)).containsOnly(Double.NaN);
        engine.backend().kernels().fill(all, 1);
        engine.pool().give(storage);
        assertThat(engine.pool().take(1 << 21)).isSameAs(storage);
        assertThat(engine.numbers(all)).containsOnly(Double.NaN);
        engine.pool().give(storage);
    }

    /// `y = factor·w` with the backward of another factor.
    private Activation wrong(Tape tape, double factor, double claimed) {
        Tensor y = tape.allocate(DType.F64, w.shape());
        tape.kernels().axpby(y, factor, w.value(), 0);
        return tape.record(Scale.class, y, _ -> new Scale(claimed), w);
    }
}
