package dev.lorikeet.tensor;

/// How far a result may be from the reference, which computes in F64 from the same rounded inputs.
///
/// The rule: `|actual − expected| ≤ units·u·(|expected| + magnitude)`, where
///
/// - `u` is the unit roundoff of the tested type (2⁻⁵³, 2⁻²⁴, 2⁻¹¹, 2⁻⁸ for F64, F32, F16, BF16);
/// - `units = 8 + 2·√K` for a result of `K` additions: rounding errors of a sum of `K` random terms grow like a random
///   walk, `√K·u` times the size of the partial sums; 8 covers a handful of roundings and an elementary function of
///   library quality;
/// - `magnitude` is the root mean square of all expected elements, because terms that cancel leave the error of their
///   own size behind, unless the test knows better.
///
/// An order of summation that loses more than this (E[x²] − E[x]², one accumulator in half precision) fails; any
/// sensible blocking passes.
///
/// The expected number is rounded to the tested type first, so that what overflows or vanishes there may do so.
/// Subnormal results may be flushed to zero, as some devices do: the smallest normal number is allowed on top.
///
/// @param unit      unit roundoff of the type, 0 to demand the same number
/// @param units     how many of them
/// @param magnitude what is added to `|expected|`
/// @param tiny      the type's smallest normal number
record Tolerance(double unit, double units, double magnitude, double tiny) {
    static Tolerance of(DType dtype, long length) {
        double units = 8 + 2 * Math.sqrt(length);
        return switch (dtype) {
            case F64 -> new Tolerance(0x1p-53, units, 0, Double.MIN_NORMAL);
            case F32 -> new Tolerance(0x1p-24, units, 0, Float.MIN_NORMAL);
            case F16 -> new Tolerance(0x1p-11, units, 0, 0x1p-14);
            case BF16 -> new Tolerance(0x1p-8, units, 0, Float.MIN_NORMAL);
            default -> exact();
        };
    }

    /// Where the factors of products are rounded with unit roundoff `roundoff`, that error covers those of F32 sums. It
    /// is random and relative to each term, so that it grows as the sum itself: a handful of units at any length.
    static Tolerance ofRoundedFactors(double roundoff) {
        return new Tolerance(roundoff, 4, 0, Float.MIN_NORMAL);
    }

    static Tolerance exact() {
        return new Tolerance(0, 0, 0, 0);
    }

    Tolerance atLeast(double other) {
        return new Tolerance(unit, units, other, tiny);
    }

    Tolerance ofUnits(double other) {
        return new Tolerance(unit, other, magnitude, tiny);
    }

    /// The allowed error of one element.
    double at(double expected) {
        return unit == 0 || units == 0 ? 0 : unit * units * (Math.abs(expected) + magnitude) + tiny;
    }
}
