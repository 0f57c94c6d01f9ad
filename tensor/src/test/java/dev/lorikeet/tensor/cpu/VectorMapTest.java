package dev.lorikeet.tensor.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.UnaryFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The vector functions against the same formulas in double, over all floats: every 50 021st of the 2³² bit patterns (a
/// prime, so that signs, exponents and fractions all vary), and the values where something special happens.
class VectorMapTest {
    private static final int STRIDE = 50_021;
    private static final float[] SPECIAL = {0f, -0f, 1f, -1f, Float.MIN_VALUE, -Float.MIN_VALUE, Float.MIN_NORMAL,
        Float.MAX_VALUE, -Float.MAX_VALUE, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN,
        88.72284f, 88.72283f, 89f, -87.33655f, -103.97f, -104f, 0.55f, -0.55f, 16f, -16f, 1e20f, -1e20f};

    @ParameterizedTest
    @EnumSource(UnaryFunction.class)
    void a_function_is_within_a_few_ulps_of_the_truth(UnaryFunction f) {
        check(f, false, switch (f) {
            // x·σ(u): the error of u is multiplied by u, where the value is already of the size of e^u.
            case GELU_TANH -> new Bound(4, 0x1p-24);
            // Nine terms of Φ around ½. Factors below the smallest normal number may be 0.
            case GELU_ERF -> new Bound(6, 14 * Float.MIN_NORMAL);
            case SIGMOID -> new Bound(4, Float.MIN_NORMAL);
            case SILU -> new Bound(4, 90 * Float.MIN_NORMAL);
            default -> new Bound(4, 0);
        });
    }

    @ParameterizedTest
    @EnumSource(UnaryFunction.class)
    void a_derivative_is_within_four_ulps_or_absolutely_exact(UnaryFunction f) {
        check(f, true, switch (f) {
            // These have a zero, near which two terms of size ½ cancel.
            case GELU_TANH, GELU_ERF, SILU -> new Bound(4, 3 * 0x1p-24);
            case TANH, SIGMOID, SOFTPLUS -> new Bound(4, 4 * Float.MIN_NORMAL);
            default -> new Bound(4, 0);
        });
    }

    @Test
    void a_value_does_not_depend_on_its_place_in_the_run() {
        try (CpuBackend backend = new CpuBackend(1)) {
            Tensor x = backend.allocate(DType.F32, Shape.of(40));
            Tensor y = backend.allocate(DType.F32, Shape.of(40));
            backend.kernels().fill(x, 0.7);
            for (UnaryFunction f : UnaryFunction.values()) {
                backend.kernels().map(y, x, f);
                for (int i = 1; i < 37; i++) {
                    assertThat(Lanes.get(y.address() + 4L * i)).isEqualTo(Lanes.get(y.address()));
                }
                backend.kernels().map(y.cols(0, 37), x.cols(0, 37), f);
                assertThat(Lanes.get(y.address() + 4L * 36)).isEqualTo(Lanes.get(y.address()));
            }
        }
    }

    /// An allowed error: so many units in the last place of the result, plus an absolute amount.
    private record Bound(double ulps, double absolute) {
        void check(String what, float x, float expected, double exact, float actual) {
            if (Float.isNaN(expected) || Float.isInfinite(expected)) {
                assertThat(Float.valueOf(actual)).as("%s(%s)", what, x).isEqualTo(Float.valueOf(expected));
            } else if (!(Math.abs(actual - exact) <= ulps * Math.ulp(expected) + absolute)) {
                throw new AssertionError("%s(%s): expected %s, was %s".formatted(what, x, expected, actual));
            }
        }
    }

    private static void check(UnaryFunction f, boolean derivative, Bound bound) {
        int n = (int) ((1L << 32) / STRIDE) + SPECIAL.length;
        try (CpuBackend backend = new CpuBackend(2)) {
            Tensor x = backend.allocate(DType.F32, Shape.of(n));
            Tensor y = backend.allocate(DType.F32, Shape.of(n));
            Tensor ones = backend.allocate(DType.F32, Shape.of(n));
            for (int i = 0; i < n; i++) {
                int bits = i < SPECIAL.length
                        ? Float.floatToRawIntBits(SPECIAL[i])
                        : (int) ((long) STRIDE * (i - SPECIAL.length));
                Lanes.setInt(x.address() + 4L * i, bits);
            }
            backend.kernels().fill(ones, 1);
            if (derivative) {
                backend.kernels().mapBackward(y, ones, x, f, 0);
            } else {
                backend.kernels().map(y, x, f);
            }
            for (int i = 0; i < n; i++) {
                float in = Lanes.get(x.address() + 4L * i);
                double exact = derivative ? ScalarFunctions.derivative(f, in) : ScalarFunctions.value(f, in);
                bound.check(f + (derivative ? "'" : ""), in, (float) exact, exact, Lanes.get(y.address() + 4L * i));
            }
        }
    }
}
