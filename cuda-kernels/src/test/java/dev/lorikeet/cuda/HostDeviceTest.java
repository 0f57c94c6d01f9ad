package dev.lorikeet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The stand-in for a GPU finds the faults that a GPU punishes.
final class HostDeviceTest {
    private static HostDevice device;

    @BeforeEach
    void compile() {
        assumeTrue(HostCompiler.available("g++"), "needs g++ on the PATH to compile the .cu sources for the host");
        if (device == null) {
            device = new HostDevice(HostCompiler.library());
        }
    }

    @AfterAll
    static void close() {
        if (device != null) {
            device.close();
        }
    }

    @Test
    void threads_meet_at_a_barrier() {
        float[] blocks = launch("neighbours", 3, 64);
        for (int i = 0; i < blocks.length; i++) {
            assertThat(blocks[i]).isEqualTo((i % 64 + 1) % 64);
        }
    }

    @Test
    void shared_memory_is_undefined_until_it_is_written() {
        float[] block = launch("neighbours_without_barrier", 1, 64);
        assertThat(Arrays.copyOf(block, 63)).containsOnly(Float.NaN);
    }

    @Test
    void a_barrier_that_some_threads_do_not_reach_is_an_error_that_names_the_launch() {
        assertThatThrownBy(() -> launch("half_a_barrier", 1, 64)).isInstanceOf(LaunchFailed.class)
                .hasMessageContaining("kernel half_a_barrier of faulty.cu")
                .hasMessageContaining("1 x 1 blocks of 64 threads");
    }

    @Test
    void a_shuffle_that_some_lanes_do_not_reach_is_an_error_and_the_device_can_still_be_used() {
        assertThatThrownBy(() -> launch("half_a_shuffle", 1, 32)).isInstanceOf(LaunchFailed.class);
        assertThat(launch("neighbours", 1, 32)[0]).isEqualTo(1);
    }

    private static float[] launch(String entry, int blocks, int threads) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment dst = arena.allocate(ValueLayout.JAVA_FLOAT, (long) blocks * threads);
            Arguments arguments = new Arguments().clear().whole(dst.address());
            device.launch(new Kernel("faulty", entry), blocks, 1, threads, 4 * threads, arguments);
            return dst.toArray(ValueLayout.JAVA_FLOAT);
        }
    }
}
