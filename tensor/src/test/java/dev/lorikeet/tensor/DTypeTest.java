package dev.lorikeet.tensor;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.tensor.cpu.ScalarBackend;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Element types as [Kernels#copy] converts between them, with numbers worked out by hand.
final class DTypeTest {
    private final Backend scalar = new ScalarBackend();

    @AfterEach
    void close() {
        scalar.close();
    }

    @Test
    void floating_point_types_are_the_four_that_weights_come_in() {
        assertThat(DType.values()).filteredOn(DType::isFloating)
                .containsExactly(DType.F64, DType.F32, DType.BF16, DType.F16);
    }

    @Test
    void sizes_are_those_of_the_file_format() {
        assertThat(DType.values()).extracting(DType::bytes).containsExactly(8, 4, 2, 2, 8, 4, 2, 1, 1, 1);
    }

    @Test
    void numbers_become_integers_by_rounding_to_even_and_stop_at_the_ends_of_the_range() {
        double[] values = {0.5, 1.5, 2.5, -0.5, -1.5, 3e9, -3e9, 300, -300};
        assertThat(converted(DType.I32, values)).containsExactly(0, 2, 2, 0, -2, Integer.MAX_VALUE, Integer.MIN_VALUE,
                300, -300);
        assertThat(converted(DType.I8, values)).containsExactly(0, 2, 2, 0, -2, 127, -128, 127, -128);
        assertThat(converted(DType.U8, values)).containsExactly(0, 2, 2, 0, 0, 255, 0, 255, 0);
        assertThat(converted(DType.I16, values)).containsExactly(0, 2, 2, 0, -2, 32767, -32768, 300, -300);
    }

    @Test
    void everything_but_zero_is_true() {
        assertThat(converted(DType.BOOL, 0, -0.0, 0.1, -3, Double.NaN)).containsExactly(0, 0, 1, 1, 1);
    }

    @Test
    void doubles_become_floats_by_rounding_to_even() {
        assertThat(converted(DType.F32, 1 + 0x1p-24, 1 + 0x1p-23 + 0x1p-24, 1e300, 0x1p-150))
                .containsExactly(1, 1 + 0x1p-22, Double.POSITIVE_INFINITY, 0);
    }

    @Test
    void large_whole_numbers_are_copied_bit_by_bit() {
        Tensor src = scalar.allocate(DType.I64, Shape.of(1));
        src.storage().segment().set(JAVA_LONG, 0, (1L << 53) + 1);
        Tensor dst = scalar.allocate(DType.I64, Shape.of(1));
        scalar.kernels().copy(dst, src);
        assertThat(dst.storage().segment().get(JAVA_LONG, 0)).isEqualTo((1L << 53) + 1);
    }

    private double[] converted(DType to, double... values) {
        Shape shape = Shape.of(values.length);
        Tensor dst = scalar.allocate(to, shape);
        scalar.kernels().copy(dst, HostNumbers.upload(scalar, DType.F64, shape, values));
        return HostNumbers.download(scalar, dst);
    }
}
