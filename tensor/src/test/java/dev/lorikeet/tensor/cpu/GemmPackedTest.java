package dev.lorikeet.tensor.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Products with a packed matrix against the specification with the same matrix in rows.
final class GemmPackedTest {
    private final CpuBackend cpu = new CpuBackend(3);

    @AfterEach
    void close() {
        cpu.close();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 64, 64", "1, 768, 2304", "7, 65, 127", "6, 96, 48", "13, 207, 131", "48, 768, 100", "50, 1000, 17",
        "130, 70, 1030", "257, 129, 800", "2050, 64, 65", "97, 1553, 70", "64, 49, 1700",
    })
    void both_directions_and_both_orders_agree_with_the_specification(int m, int inputs, int outputs) {
        for (boolean outputsAreRows : new boolean[] {true, false}) {
            Tensor rows = normal(1, outputsAreRows ? Shape.of(outputs, inputs) : Shape.of(inputs, outputs));
            Tensor packed = cpu.pack(copy(rows), outputsAreRows);
            assertThat(packed.storage()).isInstanceOf(PanelStorage.class);
            for (double beta : new double[] {0, 1, -0.5}) {
                compare(normal(2, Shape.of(m, inputs)), rows, packed, outputsAreRows, beta, outputs);
                compare(normal(3, Shape.of(m, outputs)), rows, packed, !outputsAreRows, beta, inputs);
            }
        }
    }

    private void compare(Tensor a, Tensor rows, Tensor packed, boolean transposed, double beta, int columns) {
        // inside wider matrices, so that nothing beyond C may be written and A's rows have gaps
        Tensor wide = normal(4, Shape.of(a.rows(), columns + 9));
        Tensor expected = copy(wide);
        Tensor gapped = cpu.allocate(DType.F32, Shape.of(a.rows(), a.cols() + 5));
        cpu.kernels().fill(gapped, Double.NaN);
        cpu.kernels().copy(gapped.cols(2, 2 + a.cols()), a);
        if (beta == 0) {
            cpu.kernels().fill(wide.cols(4, 4 + columns), Double.NaN);
        }
        cpu.kernels().gemm(wide.cols(4, 4 + columns), gapped.cols(2, 2 + a.cols()), false, packed, transposed, 0.7,
                beta);
        new ScalarKernels().gemm(expected.cols(4, 4 + columns), a, false, rows, transposed, 0.7, beta);
        assertClose(wide, expected, 3e-6 * Math.sqrt(a.cols()) + 1e-6);
    }

    @Test
    void a_transposed_left_operand_is_read_as_it_lies() {
        Tensor rows = normal(1, Shape.of(100, 70));
        Tensor packed = cpu.pack(copy(rows), false);
        Tensor forward = normal(2, Shape.of(100, 33));
        Tensor backward = normal(3, Shape.of(70, 33));
        Tensor y = cpu.allocate(DType.F32, Shape.of(33, 70));
        Tensor dx = cpu.allocate(DType.F32, Shape.of(33, 100));
        Tensor expectedY = cpu.allocate(DType.F32, y.shape());
        Tensor expectedDx = cpu.allocate(DType.F32, dx.shape());
        cpu.kernels().gemm(y, forward, true, packed, false, 1, 0);
        cpu.kernels().gemm(dx, backward, true, packed, true, 1, 0);
        new ScalarKernels().gemm(expectedY, forward, true, rows, false, 1, 0);
        new ScalarKernels().gemm(expectedDx, backward, true, rows, true, 1, 0);
        assertClose(y, expectedY, 1e-4);
        assertClose(dx, expectedDx, 1e-4);
    }

    @Test
    void unpacking_gives_the_same_bits() {
        for (boolean outputsAreRows : new boolean[] {true, false}) {
            Tensor rows = normal(5, Shape.of(131, 77));
            Tensor packed = cpu.pack(copy(rows), outputsAreRows);
            assertThat(floats(packed)).isEqualTo(floats(rows));
            Tensor again = cpu.allocate(DType.F32, rows.shape());
            cpu.kernels().copy(again, packed);
            assertThat(floats(again)).isEqualTo(floats(rows));
        }
    }

    @Test
    void rows_are_gathered_from_a_packed_table() {
        Tensor rows = normal(6, Shape.of(200, 48));
        Tensor ids = cpu.allocate(DType.I32, Shape.of(4));
        cpu.upload(ids, MemorySegment.ofArray(new int[] {199, -1, 0, 17}));
        for (boolean outputsAreRows : new boolean[] {true, false}) {
            Tensor packed = cpu.pack(copy(rows), outputsAreRows);
            for (double beta : new double[] {0, 0.5}) {
                Tensor dst = normal(7, Shape.of(4, 48));
                Tensor expected = copy(dst);
                cpu.kernels().gatherRows(dst, packed, ids, beta);
                cpu.kernels().gatherRows(expected, rows, ids, beta);
                assertClose(dst, expected, 1e-7);
            }
        }
    }

    /// As a flat view, as a slice of rows: the bytes would be somebody else's.
    @Test
    void a_part_of_a_packed_matrix_is_refused() {
        Tensor packed = cpu.pack(normal(8, Shape.of(100, 90)), true);
        Tensor flat = Tensor.of(packed.storage(), DType.F32, Shape.of(9000));
        for (Tensor part : List.of(flat, packed.rows(1, 2), packed.cols(0, 16))) {
            Tensor to = cpu.allocate(DType.F32, part.shape());
            assertThatThrownBy(() -> cpu.kernels().copy(to, part)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("is a part of a matrix that was packed for products");
        }
    }

    @Test
    void a_kernel_that_expects_rows_refuses_a_packed_matrix() {
        Tensor packed = cpu.pack(normal(8, Shape.of(100, 100)), true);
        Tensor dst = cpu.allocate(DType.F32, Shape.of(100, 100));
        assertThatThrownBy(() -> cpu.kernels().add(dst, packed, packed))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("packed for products");
    }

    @Test
    void the_number_of_threads_changes_no_bit() {
        Tensor rows = normal(1, Shape.of(300, 1700));
        Tensor x = normal(2, Shape.of(101, 1700));
        float[][] results = new float[2][];
        for (int threads = 1; threads <= 2; threads++) {
            try (CpuBackend other = new CpuBackend(threads)) {
                Tensor w = other.allocate(DType.F32, rows.shape());
                other.kernels().copy(w, rows);
                Tensor packed = other.pack(w, true);
                Tensor y = cpu.allocate(DType.F32, Shape.of(101, 300));
                Tensor dx = cpu.allocate(DType.F32, x.shape());
                other.kernels().gemm(y, x, false, packed, true, 1, 0);
                other.kernels().gemm(dx, y, false, packed, false, 1, 0);
                results[threads - 1] = floats(dx);
            }
        }
        assertThat(results[0]).isEqualTo(results[1]);
    }

    private Tensor normal(long stream, Shape shape) {
        Tensor tensor = cpu.allocate(DType.F32, shape);
        cpu.kernels().normal(tensor, 0, 1, new RandomKey(9, stream));
        return tensor;
    }

    private Tensor copy(Tensor tensor) {
        Tensor copy = cpu.allocate(DType.F32, tensor.shape());
        cpu.kernels().copy(copy, tensor);
        return copy;
    }

    private float[] floats(Tensor tensor) {
        float[] values = new float[(int) tensor.size()];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate(4L * values.length, 4);
            cpu.download(host, tensor);
            MemorySegment.copy(host, ValueLayout.JAVA_FLOAT, 0, values, 0, values.length);
        }
        return values;
    }

    private void assertClose(Tensor actual, Tensor expected, double tolerance) {
        float[] a = floats(actual);
        float[] e = floats(expected);
        for (int i = 0; i < a.length; i++) {
            if (!(Math.abs(a[i] - e[i]) <= tolerance * Math.max(1, Math.abs(e[i])))) {
                throw new AssertionError("element %d of %s: %s, expected %s".formatted(i, actual, a[i], e[i]));
            }
        }
    }
}
