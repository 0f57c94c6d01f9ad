package dev.lorikeet.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class Int8Test {
    private final Backend backend = Backends.open("scalar");

    @AfterEach
    void close() {
        backend.close();
    }

    @Test
    void each_row_has_the_factor_that_brings_its_largest_number_to_127() {
        Tensor weight = HostNumbers.upload(backend, DType.F32, Shape.of(3, 2), 1, -2, 254, 10, 0, 0);

        Tensor q = Int8.quantise(backend, weight, true).matrix();

        assertThat(HostNumbers.download(backend, q)).containsExactly(64, -127, 127, 5, 0, 0);
        assertThat(HostNumbers.download(backend, q.scales().values())).containsExactly((float) (2.0 / 127), 2, 0);
    }

    @Test
    void columns_have_factors_where_they_are_the_channels() {
        Tensor weight = HostNumbers.upload(backend, DType.F32, Shape.of(2, 2), 127, 0.5, -60.4, 63.5);

        Quantized result = Int8.quantise(backend, weight, false);

        assertThat(HostNumbers.download(backend, result.matrix())).containsExactly(127, 1, -60, 127);
        assertThat(HostNumbers.download(backend, result.matrix().scales().values())).containsExactly(1, 0.5);
        assertThat(result.lostSquares()).isCloseTo(0.16, offset(1e-5));
        assertThat(result.squares()).isCloseTo(127 * 127 + 0.25 + 60.4 * 60.4 + 63.5 * 63.5, within(1e-3));
    }

    @Test
    void no_number_is_off_by_more_than_half_a_step_of_its_channel() {
        SplittableRandom random = new SplittableRandom(3);
        double[] numbers = random.doubles(1500 * 700, -1, 1).toArray();   // several chunks of rows
        Tensor weight = HostNumbers.upload(backend, DType.F32, Shape.of(1500, 700), numbers);
        for (boolean ofRows : new boolean[] {true, false}) {
            Tensor q = Int8.quantise(backend, weight, ofRows).matrix();
            Tensor back = backend.allocate(DType.F32, weight.shape());
            backend.kernels().copy(back, q);
            double[] widened = HostNumbers.download(backend, back);
            double[] scales = HostNumbers.download(backend, q.scales().values());
            for (int i = 0; i < numbers.length; i++) {
                double step = scales[ofRows ? i / 700 : i % 700];
                assertThat(Math.abs(widened[i] - numbers[i])).isLessThan(0.5 * step + 1e-6);
            }
        }
    }

    @Test
    void slices_take_their_scales_along() {
        Tensor weight = HostNumbers.upload(backend, DType.F32, Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
        Tensor byRow = Int8.quantise(backend, weight, true).matrix();
        Tensor byColumn = Int8.quantise(backend, weight, false).matrix();

        assertThat(value(byRow.rows(1, 2).cols(1, 2))).isCloseTo(5, offset(0.03));
        assertThat(value(byColumn.rows(1, 2).cols(1, 2))).isCloseTo(5, offset(0.03));
        assertThatThrownBy(() -> byColumn.reshape(Shape.of(3, 2)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("scales");
    }

    private double value(Tensor one) {
        Tensor number = backend.allocate(DType.F32, one.shape());
        backend.kernels().copy(number, one);
        return HostNumbers.download(backend, number)[0];
    }

    @Test
    void numbers_that_are_not_finite_and_other_types_are_refused() {
        Tensor broken = HostNumbers.upload(backend, DType.F32, Shape.of(2, 2), 1, 2, 3, Double.NaN);
        Tensor half = HostNumbers.upload(backend, DType.BF16, Shape.of(1, 2), 1, 2);

        assertThatThrownBy(() -> Int8.quantise(backend, broken, true)).hasMessageContaining("row 1");
        assertThatThrownBy(() -> Int8.quantise(backend, broken, false)).hasMessageContaining("column 1");
        assertThatThrownBy(() -> Int8.quantise(backend, half, true)).hasMessageContaining("F32");
    }
}
