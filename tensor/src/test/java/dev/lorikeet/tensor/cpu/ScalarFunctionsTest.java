package dev.lorikeet.tensor.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.tensor.UnaryFunction;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class ScalarFunctionsTest {
    /// `erfc` to 16 digits (Abramowitz and Stegun, table 7.1, and Wolfram's tables).
    @ParameterizedTest
    @CsvSource({
        "0, 1", "0.5, 0.4795001221869535", "1, 0.1572992070502851", "2, 0.004677734981047266",
        "3, 2.209049699858544e-05", "4, 1.541725790028002e-08",
        "5, 1.537459794428035e-12", "-1, 1.8427007929497148", "10, 2.088487583762545e-45"
    })
    void the_complementary_error_function_has_its_tabulated_values(double x, double expected) {
        assertThat(ScalarFunctions.complementaryError(x)).isCloseTo(expected, Percentage.withPercentage(1e-11));
    }

    @Test
    void series_and_continued_fraction_meet() {
        double left = ScalarFunctions.complementaryError(Math.nextDown(2.0));
        assertThat(left).isCloseTo(ScalarFunctions.complementaryError(2.0), Percentage.withPercentage(1e-11));
    }

    /// GELU at ±1 and ±3 in both forms: `x·Φ(x)` exactly, and the hyperbolic tangent's approximation.
    @ParameterizedTest
    @CsvSource({
        "GELU_ERF, 1, 0.8413447460685429", "GELU_ERF, -1, -0.15865525393145707", "GELU_ERF, 3, 2.99595030590511",
        "GELU_TANH, 1, 0.8411919906082768", "GELU_TANH, -1, -0.15880800939172324",
        "GELU_TANH, 3, 2.9963626079182", "SILU, 1, 0.7310585786300049", "SOFTPLUS, 0, 0.6931471805599453",
        "SIGMOID, 2, 0.8807970779778823", "LEAKY_RELU, -2, -0.02", "RELU, -2, 0",
        "RSQRT, 4, 0.5", "RECIPROCAL, -4, -0.25"
    })
    void functions_have_their_known_values(UnaryFunction f, double x, double expected) {
        assertThat(ScalarFunctions.value(f, x)).isCloseTo(expected, within(1e-10));
    }

    @Test
    void the_two_gelus_differ_where_they_should() {
        assertThat(ScalarFunctions.value(UnaryFunction.GELU_TANH, 2) - ScalarFunctions.value(UnaryFunction.GELU_ERF, 2))
                .isCloseTo(9.8e-5, within(2e-5));
    }

    @Test
    void tails_do_not_cancel() {
        assertThat(ScalarFunctions.value(UnaryFunction.GELU_ERF, -10)).isCloseTo(-7.619853024160527e-23,
                Percentage.withPercentage(1e-9));
        assertThat(ScalarFunctions.value(UnaryFunction.SOFTPLUS, -50))
                .isCloseTo(Math.exp(-50), Percentage.withPercentage(1e-9));
        assertThat(ScalarFunctions.value(UnaryFunction.SOFTPLUS, 1000)).isEqualTo(1000);
        assertThat(ScalarFunctions.value(UnaryFunction.GELU_TANH, -6)).isNegative();
    }

    @ParameterizedTest
    @EnumSource(UnaryFunction.class)
    void derivatives_are_the_slopes_of_the_functions(UnaryFunction f) {
        for (double x : new double[] {0.3, 0.9, 1.7, 2.6, 4.5, -0.2, -1.1, -3.3}) {
            if (x < 0 && Double.isNaN(ScalarFunctions.value(f, x))) {
                continue;   // no logarithm, no root of negative numbers
            }
            double h = 1e-6;
            double slope = (ScalarFunctions.value(f, x + h) - ScalarFunctions.value(f, x - h)) / (2 * h);
            assertThat(ScalarFunctions.derivative(f, x)).as("%s at %s", f, x)
                    .isCloseTo(slope, within(2e-8 * (1 + Math.abs(slope))));
        }
    }
}
