package dev.lorikeet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lorikeet.tensor.AdamStep;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.HostNumbers;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is launched, and when; what is kept.
final class StreamTest {
    private static final AdamStep STEP = new AdamStep(0.1, 0.9, 0.99, 1e-8, 1, 0, 0, 0, 1);

    private HostDevice device;
    private CudaBackend backend;

    @BeforeEach
    void open() {
        assumeTrue(HostCompiler.available("g++"), "needs g++ on the PATH to compile the .cu sources for the host");
        device = new HostDevice(HostCompiler.library());
        backend = device.open(MathMode.F32, true);
    }

    @AfterEach
    void close() {
        if (backend != null) {
            backend.close();
        }
    }

    private Tensor numbers(double... values) {
        return HostNumbers.upload(backend, DType.F32, Shape.of(values.length), values);
    }

    @Test
    void updates_with_the_same_numbers_are_one_launch() {
        List<Tensor> parameters = new ArrayList<>();
        List<Tensor> moments = new ArrayList<>();
        for (int i = 0; i < 39; i++) {
            parameters.add(numbers(i, i + 1, i + 2));
            moments.add(numbers(0, 0, 0));
            moments.add(numbers(0, 0, 0));
        }
        Tensor g = numbers(1, -1, 2);
        for (int i = 0; i < 39; i++) {
            backend.kernels().adam(parameters.get(i), g, moments.get(2 * i), moments.get(2 * i + 1), null, STEP);
        }
        assertThat(device.launches()).isZero();
        assertThat(HostNumbers.download(backend, parameters.get(38))[0]).isLessThan(38);
        assertThat(HostNumbers.download(backend, parameters.get(0))[1]).isGreaterThan(1);
        assertThat(device.launches()).isEqualTo(1);
    }

    @Test
    void what_was_held_back_happens_before_anything_else() {
        Tensor p = numbers(1, 2, 3);
        backend.kernels().adam(p, numbers(1, 1, 1), numbers(0, 0, 0), numbers(0, 0, 0), null, STEP);
        Tensor copy = backend.allocate(DType.F32, p.shape());
        backend.kernels().copy(copy, p);
        assertThat(HostNumbers.download(backend, copy)).isEqualTo(HostNumbers.download(backend, p));
        assertThat(HostNumbers.download(backend, copy)[0]).isLessThan(1);
    }

    @Test
    void products_of_a_low_rank_delta_have_kernels_of_their_own() {
        Tensor x = backend.allocate(DType.F32, Shape.of(10, 300));
        Tensor a = backend.allocate(DType.F32, Shape.of(4, 300));
        Tensor low = backend.allocate(DType.F32, Shape.of(10, 4));
        backend.kernels().fill(x, 0.5);
        backend.kernels().fill(a, 2);
        backend.kernels().gemm(low, x, false, a, true, 1, 0);
        assertThat(HostNumbers.download(backend, low)).containsOnly(300);
        backend.kernels().gemm(x, low, false, a, false, 1, 2);
        assertThat(HostNumbers.download(backend, x)).containsOnly(2 * 0.5 + 4 * 300 * 2);
        assertThat(device.products()).isZero();
        backend.kernels().gemm(a, low, true, x, false, 1, 0);
        assertThat(device.products()).isEqualTo(1);
    }

    @Test
    void products_of_a_low_rank_delta_are_left_to_cublas_on_demand() {
        CudaKernels kernels = new CudaKernels(backend.stream(), MathMode.F32, DeltaProducts.CUBLAS);
        Tensor x = backend.allocate(DType.F32, Shape.of(10, 300));
        Tensor low = backend.allocate(DType.F32, Shape.of(10, 4));
        kernels.fill(x, 0.5);
        kernels.gemm(low, x, false, x.rows(0, 4), true, 1, 0);
        assertThat(HostNumbers.download(backend, low)).containsOnly(300 * 0.25);
        assertThat(device.products()).isEqualTo(1);
    }

    @Test
    void all_layers_attend_over_the_same_list_of_tiles() {
        Sequences sequences = Sequences.of(5, 3);
        Tensor x = backend.allocate(DType.F32, Shape.of(8, 4));
        backend.kernels().fill(x, 0.5);
        Tensor out = backend.allocate(DType.F32, Shape.of(8, 4));
        AttentionSpec spec = new AttentionSpec(1, 0.5, true);
        backend.kernels().attention(out, null, x, x, x, sequences, sequences, spec);
        long kept = backend.workspaceBytes();
        for (int layer = 1; layer < 40; layer++) {
            backend.kernels().attention(out, null, x, x, x, sequences, sequences, spec);
        }
        assertThat(backend.workspaceBytes()).isEqualTo(kept).isPositive();
        for (int batch = 0; batch < 40; batch++) {
            Sequences others = Sequences.of(8 - batch % 8, batch % 8);
            backend.kernels().attention(out, null, x, x, x, others, others, spec);
            assertThat(HostNumbers.download(backend, out)).containsOnly(0.5);
        }
    }

    @Test
    void what_cannot_be_computed_is_refused_by_name() {
        Tensor doubles = backend.allocate(DType.F64, Shape.of(3));
        assertThatThrownBy(() -> backend.kernels().map(doubles, doubles, UnaryFunction.EXP))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cuda computes in F32, found F64 (3)");
        Tensor wide = backend.allocate(DType.F32, Shape.of(2, 256));
        Sequences sequences = Sequences.of(2);
        assertThatThrownBy(() -> backend.kernels().attention(wide, null, wide, wide, wide, sequences, sequences,
                new AttentionSpec(1, 1, true))).hasMessageContaining("heads of up to 128 numbers, these have 256");
    }

    @Test
    void a_storage_is_freed_once() {
        Tensor tensor = numbers(1);
        backend.free(tensor.storage());
        assertThatThrownBy(() -> backend.free(tensor.storage())).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has been freed already");
    }
}
