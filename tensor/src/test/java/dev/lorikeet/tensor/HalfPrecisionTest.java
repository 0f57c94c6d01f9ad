package dev.lorikeet.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HalfPrecisionTest {
    @Test
    void every_bf16_survives_the_way_there_and_back() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = HalfPrecision.fromBf16((short) bits);
            if (Float.isNaN(value)) {
                assertThat(HalfPrecision.fromBf16(HalfPrecision.toBf16(value))).isNaN();
            } else {
                assertThat(HalfPrecision.toBf16(value)).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void every_f16_survives_the_way_there_and_back() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = HalfPrecision.fromF16((short) bits);
            if (Float.isNaN(value)) {
                assertThat(HalfPrecision.fromF16(HalfPrecision.toF16(value))).isNaN();
            } else {
                assertThat(HalfPrecision.toF16(value)).isEqualTo((short) bits);
            }
        }
    }

    /// Around 1, BF16 numbers are 2⁻⁷ apart and F16 numbers 2⁻¹⁰.
    @ParameterizedTest
    @CsvSource({
        "0x1.00p0, 0x1.00p0", "0x1.01p0, 0x1.00p0", "0x1.03p0, 0x1.04p0", "-0x1.01p0, -0x1.00p0",
        "0x1.010001p0, 0x1.02p0", "0x1.00fffffp0, 0x1.00p0", "0x1.ffp0, 0x1.0p1", "0x1.ffp127, Infinity",
        "0x1.fep127, 0x1.fep127", "-Infinity, -Infinity", "0x1p-133, 0x1p-133", "0x1p-135, 0", "0x1.8p-134, 0x1p-133"
    })
    void bf16_is_the_nearest_one_and_the_even_one_of_two(String value, String expected) {
        assertThat(HalfPrecision.fromBf16(HalfPrecision.toBf16(Double.parseDouble(value))))
                .isEqualTo(Float.parseFloat(expected));
    }

    @ParameterizedTest
    @CsvSource({
        "0x1.002p0, 0x1.000p0", "0x1.006p0, 0x1.008p0", "0x1.00201p0, 0x1.004p0", "65504, 65504", "65519.99, 65504",
        "65520, Infinity", "0x1p-24, 0x1p-24", "0x1p-25, 0", "0x1.8p-25, 0x1p-24", "-0x1.002p0, -0x1.000p0"
    })
    void f16_is_the_nearest_one_and_the_even_one_of_two(String value, String expected) {
        assertThat(HalfPrecision.fromF16(HalfPrecision.toF16(Double.parseDouble(value))))
                .isEqualTo(Float.parseFloat(expected));
    }

    /// The double lies above a tie by less than F32 can see: rounding to F32 first would make it a tie, and then even.
    @Test
    void a_double_is_rounded_once() {
        double aboveTie = 0x1.01p0 + 0x1p-40;
        assertThat((float) aboveTie).isEqualTo(0x1.01p0f);
        assertThat(HalfPrecision.fromBf16(HalfPrecision.toBf16(aboveTie))).isEqualTo(0x1.02p0f);
        assertThat(HalfPrecision.fromBf16(HalfPrecision.toBf16(-aboveTie))).isEqualTo(-0x1.02p0f);
        assertThat(HalfPrecision.fromF16(HalfPrecision.toF16(0x1.002p0 + 0x1p-40))).isEqualTo(0x1.004p0f);
        assertThat(HalfPrecision.fromF16(HalfPrecision.toF16(0x1.006p0 - 0x1p-40))).isEqualTo(0x1.004p0f);
    }

    @Test
    void signs_of_zero_and_nan_are_kept() {
        assertThat(HalfPrecision.toBf16(-0.0)).isEqualTo((short) 0x8000);
        assertThat(HalfPrecision.toF16(-0.0)).isEqualTo((short) 0x8000);
        assertThat(HalfPrecision.fromBf16(HalfPrecision.toBf16(Double.NaN))).isNaN();
        assertThat(HalfPrecision.fromF16(HalfPrecision.toF16(Double.NaN))).isNaN();
    }
}
