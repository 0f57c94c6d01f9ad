package dev.lorikeet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/// What kernels count in 32 bits stays there.
final class GridsTest {
    @Test
    void rows_whose_columns_would_wrap_around_are_refused() {
        assertThat(Grids.acrossRow(1 << 30, 1024)).isEqualTo(1 << 20);
        assertThatThrownBy(() -> Grids.acrossRow((1L << 30) + 1, 1024)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("kernels of cuda take rows of up to 1,073,741,824 columns, these have 1,073,741,825");
    }
}
