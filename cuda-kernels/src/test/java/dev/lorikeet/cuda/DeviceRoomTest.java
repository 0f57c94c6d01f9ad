package dev.lorikeet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.HostNumbers;
import dev.lorikeet.tensor.OutOfDeviceMemory;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Storage;
import dev.lorikeet.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A device with too little memory.
final class DeviceRoomTest {
    private static final long LIMIT = 1 << 20;

    private CudaBackend backend;

    @BeforeEach
    void open() {
        assumeTrue(HostCompiler.available("g++"), "needs g++ on the PATH to compile the .cu sources for the host");
        backend = new HostDevice(HostCompiler.library(), LIMIT).open(MathMode.F32, true);
    }

    @AfterEach
    void close() {
        if (backend != null) {
            backend.close();
        }
    }

    @Test
    void a_request_without_room_names_itself_what_is_free_and_what_helps() {
        Tensor small = HostNumbers.upload(backend, DType.F32, Shape.of(3), 1, 2, 3);
        assertThatThrownBy(() -> backend.allocate(LIMIT)).isInstanceOf(OutOfDeviceMemory.class)
                .hasMessageContaining("has no room for 1,048,576 bytes: 1,048,564 of 1,048,576 bytes are free")
                .hasMessageContaining("a smaller batch, blocks that are computed again or a base kept in bf16");
        backend.kernels().add(small, small, small);
        assertThat(HostNumbers.download(backend, small)).containsExactly(2, 4, 6);
        backend.free(backend.allocate(LIMIT - 12));
    }

    @Test
    void scratch_memory_that_finds_no_room_harms_nothing() {
        Tensor x = backend.allocate(DType.F32, Shape.of(1, 120_000));
        Tensor weight = backend.allocate(DType.BF16, Shape.of(2, 120_000));
        Tensor y = backend.allocate(DType.F32, Shape.of(1, 2));
        backend.kernels().fill(x, 1);
        backend.kernels().fill(weight, 1);
        assertThatThrownBy(() -> backend.kernels().gemm(y, x, false, weight, true, 1, 0))
                .isInstanceOf(OutOfDeviceMemory.class);
        backend.kernels().sum(y.cols(0, 1), x, 1);
        assertThat(HostNumbers.download(backend, y)[0]).isEqualTo(120_000);
        assertThat(backend.workspaceBytes()).isLessThan(10_000);
    }

    @Test
    void a_step_that_found_no_room_can_be_made_smaller() {
        try (Pool pool = new Pool(backend)) {
            Storage half = pool.take(LIMIT / 2);
            assertThatThrownBy(() -> backend.replay("step", null, () -> {
                Tensor whole = Tensor.of(half, DType.F32, Shape.of(1000));
                backend.kernels().fill(whole, 1);
                pool.take(LIMIT / 2 + LIMIT / 4);
            })).isInstanceOf(OutOfDeviceMemory.class);
            pool.give(half);
            Tensor smaller = Tensor.of(pool.take(LIMIT / 2 + LIMIT / 4), DType.F32, Shape.of(1000));
            backend.replay("step", null, () -> backend.kernels().fill(smaller, 2));
            assertThat(HostNumbers.download(backend, smaller)).containsOnly(2);
        }
    }
}
