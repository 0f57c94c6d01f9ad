package dev.lorikeet.tensor.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Gathering, scattering, sums and random numbers on cases small enough for the fingers of one hand.
final class ScalarMovesTest {
    private final ScalarTestEngine engine = new ScalarTestEngine();

    @AfterEach
    void close() {
        engine.close();
    }

    @Test
    void rows_are_gathered_by_id_and_negative_ids_give_zeros() {
        Tensor dst = engine.poisoned(4, 2);
        Tensor table = engine.of(Shape.of(3, 2), 1, 2, 3, 4, 5, 6);
        engine.kernels().gatherRows(dst, table, engine.indices(2, 0, -1, 2), 0);
        assertThat(engine.numbers(dst)).containsExactly(5, 6, 1, 2, 0, 0, 5, 6);
    }

    @Test
    void gathering_adds_to_what_is_there() {
        Tensor dst = engine.of(Shape.of(2, 1), 10, 20);
        engine.kernels().gatherRows(dst, engine.of(Shape.of(2, 1), 1, 2), engine.indices(1, -1), 0.5);
        assertThat(engine.numbers(dst)).containsExactly(7, 10);
    }

    @Test
    void scattered_rows_with_one_id_add_up() {
        Tensor dtable = engine.poisoned(3, 2);
        Tensor dy = engine.of(Shape.of(4, 2), 1, 2, 10, 20, 100, 200, 1000, 2000);
        engine.kernels().scatterAddRows(dtable, dy, engine.indices(1, 0, 1, -5), 0);
        assertThat(engine.numbers(dtable)).containsExactly(10, 20, 101, 202, 0, 0);
    }

    @Test
    void numbers_are_taken_and_given_back() {
        Tensor dst = engine.poisoned(3);
        engine.kernels().take(dst, engine.of(Shape.of(2, 2), 1, 2, 3, 4), engine.indices(3, -1, 0));
        assertThat(engine.numbers(dst)).containsExactly(4, 0, 1);
        Tensor dx = engine.of(Shape.of(2, 2), 1, 1, 1, 1);
        engine.kernels().takeBackward(dx, engine.of(5, 6, 7), engine.indices(3, -1, 3), 2);
        assertThat(engine.numbers(dx)).containsExactly(2, 2, 2, 14);
    }

    @Test
    void sums_and_products() {
        Tensor x = engine.of(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
        Tensor total = engine.poisoned(1);
        engine.kernels().sum(total, x, 0.5);
        assertThat(engine.numbers(total)).containsExactly(10.5);
        Tensor cols = engine.of(1, 1, 1);
        engine.kernels().sumRows(cols, x, 10);
        assertThat(engine.numbers(cols)).containsExactly(15, 17, 19);
        assertThat(engine.kernels().sumOfSquares(x)).isEqualTo(91);
    }

    @Test
    void the_first_of_several_largest_counts() {
        Tensor dst = engine.indices(9, 9, 9);
        engine.kernels().argmaxRows(dst, engine.of(Shape.of(3, 3), 1, 7, 7, -3, -2, -9, 5, 5, 5));
        assertThat(engine.numbers(dst)).containsExactly(1, 1, 0);
    }

    /// `[1 2; 3 4]·[5 6; 7 8]` under each pair of transpositions.
    @Test
    void matrix_products_of_two_by_two() {
        Tensor a = engine.of(Shape.of(2, 2), 1, 2, 3, 4);
        Tensor b = engine.of(Shape.of(2, 2), 5, 6, 7, 8);
        assertThat(product(a, false, b, false)).containsExactly(19, 22, 43, 50);
        assertThat(product(a, true, b, false)).containsExactly(26, 30, 38, 44);
        assertThat(product(a, false, b, true)).containsExactly(17, 23, 39, 53);
        assertThat(product(a, true, b, true)).containsExactly(23, 31, 34, 46);
        Tensor c = engine.of(Shape.of(2, 2), 1, 1, 1, 1);
        engine.kernels().gemm(c, a, false, b, false, 2, -1);
        assertThat(engine.numbers(c)).containsExactly(37, 43, 85, 99);
    }

    private double[] product(Tensor a, boolean transposeA, Tensor b, boolean transposeB) {
        Tensor c = engine.poisoned(2, 2);
        engine.kernels().gemm(c, a, transposeA, b, transposeB, 1, 0);
        return engine.numbers(c);
    }

    /// The words of block 0 with key 0, as Random123 gives them: 6627e8d5 e169c58d bc57ac4c 9b00dbd8.
    @Test
    void uniform_numbers_come_from_the_known_words() {
        Tensor dst = engine.poisoned(2, 2);
        engine.kernels().uniform(dst, -1, 3, new RandomKey(0, 0));
        double[] words = {0x6627e8d5L, 0xe169c58dL, 0xbc57ac4cL, 0x9b00dbd8L};
        double[] numbers = engine.numbers(dst);
        for (int i = 0; i < 4; i++) {
            assertThat(numbers[i]).isCloseTo(-1 + 4 * (words[i] + 0.5) / 0x1p32, within(1e-15));
        }
    }

    @Test
    void normal_numbers_come_from_pairs_of_words() {
        Tensor dst = engine.poisoned(4);
        engine.kernels().normal(dst, 1, 2, new RandomKey(0, 0));
        double radius = Math.sqrt(-2 * Math.log((0xbc57ac4cL + 0.5) / 0x1p32));
        double angle = 2 * Math.PI * (0x9b00dbd8L + 0.5) / 0x1p32;
        assertThat(engine.numbers(dst)[2]).isCloseTo(1 + 2 * radius * Math.sin(angle), within(1e-14));
        assertThat(engine.numbers(dst)[3]).isCloseTo(1 + 2 * radius * Math.cos(angle), within(1e-14));
    }

    /// Thresholds between the words 6627e8d5 (0.399), 9b00dbd8 (0.605), bc57ac4c (0.736) and e169c58d (0.880).
    @Test
    void dropout_keeps_the_elements_with_large_words_and_scales_them() {
        Tensor dst = engine.poisoned(4);
        engine.kernels().dropout(dst, engine.of(1, 2, 3, 4), 0.5, new RandomKey(0, 0), 0);
        assertThat(engine.numbers(dst)).containsExactly(0, 4, 6, 8);
        engine.kernels().dropout(dst, engine.of(1, 2, 3, 4), 0.75, new RandomKey(0, 0), 1);
        assertThat(engine.numbers(dst)).containsExactly(0, 12, 6, 8);
    }
}
