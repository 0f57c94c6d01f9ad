package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The decomposition in full, and its largest part.
class SingularValuesTest {
    private final SplittableRandom random = new SplittableRandom(5);

    private double[][] normal(int rows, int cols) {
        double[][] m = new double[rows][cols];
        for (double[] row : m) {
            for (int j = 0; j < cols; j++) {
                row[j] = random.nextGaussian();
            }
        }
        return m;
    }

    private static double[][] product(double[][] a, double[][] b) {
        double[][] c = new double[a.length][b[0].length];
        for (int i = 0; i < a.length; i++) {
            for (int k = 0; k < b.length; k++) {
                for (int j = 0; j < b[0].length; j++) {
                    c[i][j] += a[i][k] * b[k][j];
                }
            }
        }
        return c;
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "7, 3", "3, 7", "20, 20", "50, 4"})
    void the_factors_are_orthogonal_and_give_the_matrix_back(int rows, int cols) {
        double[][] m = normal(rows, cols);
        SingularValues svd = SingularValues.of(m);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < cols; j++) {
                double sum = 0;
                for (int k = 0; k < cols; k++) {
                    sum += svd.u()[i][k] * svd.values()[k] * svd.v()[j][k];
                }
                assertThat(sum).isCloseTo(m[i][j], within(1e-12));
            }
        }
        for (int k = 0; k < cols; k++) {
            for (int l = 0; l <= k; l++) {
                double right = 0;
                double left = 0;
                for (int i = 0; i < cols; i++) {
                    right += svd.v()[i][k] * svd.v()[i][l];
                }
                for (int i = 0; i < rows; i++) {
                    left += svd.u()[i][k] * svd.u()[i][l];
                }
                assertThat(right).isCloseTo(k == l ? 1 : 0, within(1e-12));
                if (k < Math.min(rows, cols)) {
                    assertThat(left).isCloseTo(k == l ? 1 : 0, within(1e-12));
                }
            }
            assertThat(k == 0 || svd.values()[k] <= svd.values()[k - 1]).isTrue();
        }
    }

    /// Small enough for the space to be exhausted, large enough for Lanczos to stop before, and of lower rank.
    @ParameterizedTest
    @CsvSource({"6, 9, 3, 9", "90, 70, 4, 90", "200, 150, 3, 5", "150, 200, 6, 4", "5, 5, 5, 5"})
    void the_largest_part_is_that_of_the_full_decomposition(int rows, int cols, int r, int inner) {
        double[][] w = product(normal(rows, inner), normal(inner, cols));
        SingularValues full = SingularValues.of(w);
        PrincipalPart part = PrincipalPart.of(w, r);
        double scale = full.values()[0];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < cols; j++) {
                double expected = 0;
                double actual = 0;
                for (int k = 0; k < r; k++) {
                    expected += full.u()[i][k] * full.values()[k] * full.v()[j][k];
                    actual += part.left()[k][i] * part.values()[k] * part.right()[k][j];
                }
                assertThat(actual).isCloseTo(expected, within(1e-7 * scale));
            }
        }
        for (int k = 0; k < r; k++) {
            assertThat(part.values()[k]).isCloseTo(full.values()[k], within(1e-9 * scale));
        }
    }

    @Test
    void a_matrix_of_zeros_and_one_with_equal_singular_values_have_a_largest_part() {
        assertThat(PrincipalPart.of(new double[8][5], 2).values()).containsExactly(0, 0);
        double[][] identity = new double[60][60];
        for (int i = 0; i < 60; i++) {
            identity[i][i] = 3;
        }
        assertThat(PrincipalPart.of(identity, 4).values()).usingComparatorWithPrecision(1e-10)
                .containsExactly(3, 3, 3, 3);
    }
}
