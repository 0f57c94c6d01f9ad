package dev.lorikeet.tensor;

/// The two 16-bit floating-point formats, bit by bit.
///
/// `BF16` is the upper half of an F32 (8 exponent bits, 7 fraction bits); `F16` is IEEE 754 binary16 (5 and 10). Both
/// are widened exactly. Narrowing rounds once, from the double itself, to nearest with ties to even: going through a
/// rounded F32 would round twice and miss by one unit now and then.
public final class HalfPrecision {
    private static final int BF16_QUIET_NAN = 0x0040;

    private HalfPrecision() {}

    /// The value of BF16 bits.
    public static float fromBf16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /// The value of F16 bits.
    public static float fromF16(short bits) {
        return Float.float16ToFloat(bits);
    }

    /// The nearest BF16 of `value`; infinite beyond the largest finite one, a quiet NaN for NaN.
    public static short toBf16(double value) {
        int bits = Float.floatToRawIntBits(roundToOdd(value));
        if (Double.isNaN(value)) {
            return (short) (bits >>> 16 | BF16_QUIET_NAN);
        }
        int tieToEven = 0x7FFF + (bits >>> 16 & 1);
        return (short) (bits + tieToEven >>> 16);
    }

    /// The nearest F16 of `value`; infinite from 65520 on, subnormal below 2⁻¹⁴.
    public static short toF16(double value) {
        return Float.floatToFloat16(roundToOdd(value));
    }

    /// `value` cut to F32, with the last bit set if anything was lost. The sticky bit lets a later rounding to fewer
    /// bits see that the value was not a tie (Boldo and Melquiond, *When double rounding is odd*, 2004).
    private static float roundToOdd(double value) {
        float nearest = (float) value;
        if (nearest == value || Float.isNaN(nearest) || Float.isInfinite(nearest)) {
            return nearest;
        }
        int bits = Float.floatToRawIntBits(nearest);
        boolean awayFromZero = Math.abs((double) nearest) > Math.abs(value);
        return Float.intBitsToFloat((awayFromZero ? bits - 1 : bits) | 1);
    }
}
