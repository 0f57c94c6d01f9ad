package dev.lorikeet.bench.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.bench.compare.Contender;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.RandomKey;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GemmProblemTest {
    @ParameterizedTest
    @ValueSource(strings = {
        "67x131x97 NN", "67x131x97 NT", "67x131x97 TN", "67x131x97 TT", "1x96x200 NN", "1x96x200 NT", "64x8x48 NT",
        "8x64x48 TN", "33x301x260 NN forward", "33x301x260 NT forward", "33x301x260 NN gradient",
        "33x301x260 NT gradient", "1x301x260 NN forward"
    })
    void our_product_is_right_in_every_layout_and_in_place_of_the_scalar_one(String text) {
        GemmShape shape = GemmShape.parse(text);
        try (Backend fast = Backends.open("cpu:2"); Backend scalar = Backends.open("scalar");
                GemmProblem ours = new GemmProblem(fast, shape); GemmProblem truth = new GemmProblem(scalar, shape)) {
            double found = ours.ours().run();
            assertThat(found).isCloseTo(truth.ours().run(), org.assertj.core.api.Assertions.within(1e-4));
            assertThat(found).isNotZero();
        }
    }

    @Test
    void a_contender_that_forgets_a_row_is_found_out() {
        GemmShape shape = GemmShape.nn("test", 40, 30, 20);
        try (Backend backend = Backends.open("cpu:1"); GemmProblem problem = new GemmProblem(backend, shape)) {
            assertThatThrownBy(() -> problem.contender("forgetful", () ->
                    backend.kernels().gemm(problem.c().rows(0, 39), problem.a().rows(0, 39), false,
                            problem.b(), false, 1, 0)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("forgetful computes 40x30x20 NN wrongly: element (39, ");
            assertThatThrownBy(() -> problem.contender("blunt", () -> {
                backend.kernels().gemm(problem.c(), problem.a(), false, problem.b(), false, 1.001, 0);
            })).hasMessageContaining("blunt");
            assertThatThrownBy(() -> problem.contender("random", () ->
                    backend.kernels().uniform(problem.c(), -1, 1, new RandomKey(1, 1))))
                    .hasMessageContaining("random");
        }
    }

    @Test
    void every_product_of_the_suites_is_named_once_and_knows_its_work() {
        for (GemmSuite suite : List.of(new GemmSuite.Frozen(), new GemmSuite.Few(), new GemmSuite.Thin())) {
            assertThat(suite.comparisons()).extracting(one -> one.name()).doesNotHaveDuplicates();
            assertThat(suite.comparisons()).allSatisfy(one -> assertThat(one.work().flops()).isPositive());
        }
        GemmShape qkv = GemmShape.nt("c_attn", 2, 3, 5);
        assertThat(qkv.work().flops()).isEqualTo(60);
        assertThat(qkv.work().bytes()).isEqualTo(4 * (6 + 15 + 10));
    }

    @Test
    void contenders_of_one_problem_return_the_same_element() {
        try (Backend backend = Backends.open("cpu:1");
                GemmProblem problem = new GemmProblem(backend, GemmShape.tn("test", 9, 33, 17))) {
            Contender ours = problem.ours();
            Contender again = problem.contender("again", () ->
                    backend.kernels().gemm(problem.c(), problem.a(), true, problem.b(), false, 1, 0));
            assertThat(ours.run()).isEqualTo(again.run());
        }
    }

    @Test
    void a_shape_reads_what_it_writes() {
        GemmShape shape = GemmShape.parse("1024x8x768 TN");
        assertThat(shape).hasToString("1024x8x768 TN");
        assertThat(GemmShape.parse("64x768x9 NT gradient")).hasToString("64x768x9 NT gradient");
        assertThat(shape.ta()).isTrue();
        assertThat(shape.k()).isEqualTo(8);
        assertThatThrownBy(() -> GemmShape.parse("8x8 NN")).hasMessageContaining("found '8x8 NN'");
    }

    @Test
    void products_are_right_after_all_kinds_of_them_were_seen() {
        try (Backend backend = Backends.open("cpu:2")) {
            Pollution.of(backend, 1);
            try (GemmProblem problem = new GemmProblem(backend, GemmShape.nn("test", 67, 131, 97))) {
                assertThat(problem.ours().run()).isFinite();
            }
        }
    }
}
