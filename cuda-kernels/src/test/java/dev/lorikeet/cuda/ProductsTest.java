package dev.lorikeet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.HostNumbers;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a math mode rounds, and how weights in another type reach a product.
final class ProductsTest {
    private static final Shape LEFT = Shape.of(5, 12);
    private static final Shape RIGHT = Shape.of(12, 7);

    /// A product in BF16 is the product of the rounded operands, whatever they are stored in.
    @ParameterizedTest
    @EnumSource(value = DType.class, names = {"F32", "BF16", "F16"})
    void bf16_rounds_the_operands_and_nothing_else(DType stored) {
        double[] a = normal(LEFT, 1);
        double[] b = HostNumbers.rounded(normal(RIGHT, 2), stored);
        double[] actual = product(MathMode.BF16, a, b, stored);
        double[] expected = multiply(HostNumbers.rounded(a, DType.BF16), HostNumbers.rounded(b, DType.BF16));
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(1e-5));
        }
    }

    @Test
    void f32_rounds_nothing() {
        double[] a = HostNumbers.rounded(normal(LEFT, 1), DType.F32);
        double[] b = HostNumbers.rounded(normal(RIGHT, 2), DType.F32);
        double[] actual = product(MathMode.F32, a, b, DType.F32);
        double[] expected = multiply(a, b);
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(1e-5));
        }
        double[] rounded = product(MathMode.BF16, a, b, DType.F32);
        assertThat(Math.abs(rounded[0] - expected[0]) + Math.abs(rounded[1] - expected[1])).isGreaterThan(1e-3);
    }

    /// Wide enough that a weight is converted a slice at a time: the sum of the columns that all slices gave is known.
    @Test
    void a_weight_in_bytes_of_its_own_is_converted_a_slice_at_a_time() {
        assumeCompiler();
        try (CudaBackend backend = HostDevice.open(HostCompiler.library(), MathMode.F32)) {
            int inner = 70_000;
            int outer = 300;
            Tensor ones = backend.allocate(DType.F32, Shape.of(1, inner));
            backend.kernels().fill(ones, 1);
            Tensor weight = backend.allocate(DType.BF16, Shape.of(outer, inner));
            backend.kernels().fill(weight, 0.5);
            Tensor c = backend.allocate(DType.F32, Shape.of(1, outer));
            backend.kernels().gemm(c, ones, false, weight, true, 1, 0);
            assertThat(HostNumbers.download(backend, c)).containsOnly(inner * 0.5);
            assertThat(backend.workspaceBytes()).isLessThanOrEqualTo(64 << 20).isLessThan(4L * inner * outer);
        }
    }

    private static double[] product(MathMode mode, double[] a, double[] b, DType stored) {
        assumeCompiler();
        try (CudaBackend backend = HostDevice.open(HostCompiler.library(), mode)) {
            Tensor left = HostNumbers.upload(backend, DType.F32, LEFT, a);
            Tensor right = HostNumbers.upload(backend, stored, RIGHT, b);
            Tensor c = backend.allocate(DType.F32, Shape.of(5, 7));
            backend.kernels().gemm(c, left, false, right, false, 1, 0);
            return HostNumbers.download(backend, c);
        }
    }

    private static void assumeCompiler() {
        assumeTrue(HostCompiler.available("g++"), "needs g++ on the PATH to compile the .cu sources for the host");
    }

    private static double[] normal(Shape shape, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] values = new double[(int) shape.size()];
        Arrays.setAll(values, _ -> random.nextGaussian());
        return values;
    }

    private static double[] multiply(double[] a, double[] b) {
        double[] c = new double[5 * 7];
        for (int i = 0; i < 5; i++) {
            for (int j = 0; j < 7; j++) {
                for (int k = 0; k < 12; k++) {
                    c[i * 7 + j] += a[i * 12 + k] * b[k * 7 + j];
                }
            }
        }
        return c;
    }
}
