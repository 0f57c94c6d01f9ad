package dev.lorikeet.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class ShapeTest {
    @Test
    void leading_extents_are_rows_and_the_last_one_is_columns() {
        Shape shape = Shape.of(2, 3, 5);
        assertThat(shape.rows()).isEqualTo(6);
        assertThat(shape.cols()).isEqualTo(5);
        assertThat(shape.size()).isEqualTo(30);
        assertThat(shape.rank()).isEqualTo(3);
    }

    @Test
    void a_scalar_is_one_row_of_one_element() {
        assertThat(Shape.of().rows()).isEqualTo(1);
        assertThat(Shape.of().cols()).isEqualTo(1);
        assertThat(Shape.of().size()).isEqualTo(1);
        assertThat(Shape.of()).hasToString("()");
    }

    @Test
    void a_vector_is_one_row() {
        assertThat(Shape.of(7).rows()).isEqualTo(1);
        assertThat(Shape.of(7).cols()).isEqualTo(7);
    }

    @Test
    void negative_indices_count_from_the_end() {
        assertThat(Shape.of(2, 3, 5).dim(-1)).isEqualTo(5);
        assertThat(Shape.of(2, 3, 5).dim(-3)).isEqualTo(2);
    }

    @Test
    void shapes_are_equal_by_their_extents() {
        assertThat(Shape.of(2, 3)).isEqualTo(Shape.of(2, 3)).hasSameHashCodeAs(Shape.of(2, 3));
        assertThat(Shape.of(2, 3)).isNotEqualTo(Shape.of(3, 2)).isNotEqualTo(Shape.of(2, 3, 1));
    }

    @Test
    void nobody_can_change_a_shape_from_outside() {
        int[] dims = {2, 3};
        Shape shape = Shape.of(dims);
        dims[0] = 9;
        shape.dims()[1] = 9;
        assertThat(shape).isEqualTo(Shape.of(2, 3));
    }

    @Test
    void the_last_extent_can_be_exchanged() {
        assertThat(Shape.of(4, 3).withLast(9)).isEqualTo(Shape.of(4, 9));
        assertThat(Shape.of().withLast(9)).isEqualTo(Shape.of(9));
    }

    @Test
    void negative_extents_are_refused() {
        assertThatThrownBy(() -> Shape.of(2, -1)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[2, -1]");
    }

    @Test
    void sizes_beyond_32_bits_are_exact() {
        assertThat(Shape.of(16, 1024, 50257, 4).size()).isEqualTo(16L * 1024 * 50257 * 4);
        assertThatThrownBy(() -> Shape.of(1 << 30, 1 << 30, 1 << 30).size()).isInstanceOf(ArithmeticException.class);
    }

    @Test
    void it_prints_like_a_tuple() {
        assertThat(Shape.of(768, 2304)).hasToString("(768, 2304)");
    }
}
