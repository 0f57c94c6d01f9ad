package dev.lorikeet.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.cpu.ScalarBackend;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Views, on a `(3, 4)` tensor that holds `10·row + column`.
final class TensorTest {
    private final Backend scalar = new ScalarBackend();
    private Tensor tensor;

    @BeforeEach
    void fill() {
        tensor = HostNumbers.upload(scalar, DType.F32, Shape.of(3, 4), 0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23);
    }

    @AfterEach
    void close() {
        scalar.close();
    }

    @Test
    void rows_are_a_view() {
        Tensor view = tensor.rows(1, 3);
        assertThat(view.shape()).isEqualTo(Shape.of(2, 4));
        assertThat(view.isContiguous()).isTrue();
        assertThat(numbers(view)).containsExactly(10, 11, 12, 13, 20, 21, 22, 23);
    }

    @Test
    void columns_are_a_view_with_gaps() {
        Tensor view = tensor.cols(1, 3);
        assertThat(view.shape()).isEqualTo(Shape.of(3, 2));
        assertThat(view.isContiguous()).isFalse();
        assertThat(numbers(view)).containsExactly(1, 2, 11, 12, 21, 22);
    }

    @Test
    void columns_of_rows_are_rows_of_columns() {
        assertThat(tensor.cols(2, 4).rows(1, 2)).isEqualTo(tensor.rows(1, 2).cols(2, 4));
        assertThat(numbers(tensor.cols(2, 4).rows(1, 2))).containsExactly(12, 13);
    }

    @Test
    void a_view_of_a_view_keeps_the_row_stride() {
        Tensor fused = tensor.reshape(Shape.of(1, 3, 4)).cols(2, 4);
        assertThat(fused.shape()).isEqualTo(Shape.of(1, 3, 2));
        assertThat(fused.rowStride()).isEqualTo(4);
        assertThat(numbers(fused.cols(1, 2))).containsExactly(3, 13, 23);
    }

    @Test
    void writing_into_a_view_writes_into_the_tensor() {
        scalar.kernels().fill(tensor.cols(1, 3).rows(1, 2), -1);
        assertThat(numbers(tensor)).containsExactly(0, 1, 2, 3, 10, -1, -1, 13, 20, 21, 22, 23);
    }

    @Test
    void contiguous_tensors_take_any_shape_of_their_size() {
        assertThat(numbers(tensor.reshape(Shape.of(2, 6)).rows(1, 2))).containsExactly(12, 13, 20, 21, 22, 23);
        assertThatThrownBy(() -> tensor.reshape(Shape.of(5))).isInstanceOf(ShapeMismatch.class)
                .hasMessage("reshape: (3, 4) and (5): 12 and 5 elements");
    }

    @Test
    void rows_with_gaps_can_be_regrouped_but_not_rewrapped() {
        Tensor gaps = tensor.cols(0, 2);
        assertThat(gaps.reshape(Shape.of(3, 1, 2)).rowStride()).isEqualTo(4);
        assertThatThrownBy(() -> gaps.reshape(Shape.of(6))).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("contiguous");
    }

    @Test
    void a_single_row_is_always_contiguous() {
        assertThat(tensor.cols(1, 3).rows(2, 3).isContiguous()).isTrue();
    }

    @Test
    void bytes_and_address_follow_the_view() {
        Tensor view = tensor.rows(1, 3).cols(1, 3);
        assertThat(view.bytes()).isEqualTo(16);
        assertThat(view.address()).isEqualTo(tensor.address() + 20);
    }

    @Test
    void ranges_are_checked() {
        assertThatThrownBy(() -> tensor.rows(1, 4)).isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("rows [1, 4) of 3");
        assertThatThrownBy(() -> tensor.cols(3, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(tensor.rows(3, 3).size()).isZero();
    }

    @Test
    void a_tensor_must_fit_its_storage() {
        assertThatThrownBy(() -> Tensor.of(tensor.storage(), DType.F32, Shape.of(13)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("needs 52 bytes, the storage has 48");
        assertThatThrownBy(() -> new Tensor(tensor.storage(), DType.F32, Shape.of(2, 4), 0, 3))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("row stride 3");
    }

    private double[] numbers(Tensor view) {
        Tensor packed = scalar.allocate(view.dtype(), view.shape());
        scalar.kernels().copy(packed, view);
        return HostNumbers.download(scalar, packed);
    }
}
