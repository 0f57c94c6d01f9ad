package dev.lorikeet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.KernelContract;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Attention on devices whose blocks have less shared memory than the usual tiles take.
final class SharedMemoryTest {
    private static final int PASCAL = 48 << 10;
    private static final int TURING = 64 << 10;
    private static final int HOPPER = 227 << 10;

    private final List<Backend> open = new ArrayList<>();

    @AfterEach
    void close() {
        open.forEach(Backend::close);
    }

    @ParameterizedTest
    @ValueSource(ints = {PASCAL, TURING, HOPPER})
    void tiles_fit(int sharedBytes) {
        for (int head = 1; head <= AttentionKernels.LARGEST_HEAD; head++) {
            AttentionKernels kernels = AttentionKernels.of(MathMode.F32, head, sharedBytes);
            assertThat(List.of(kernels.forward(), kernels.delta(), kernels.queries(), kernels.keys()))
                    .allMatch(kernel -> kernel.sharedBytes() <= sharedBytes);
        }
    }

    @Test
    void tiles_are_smaller_only_where_they_must_be() {
        assertThat(AttentionKernels.of(MathMode.F32, 64, HOPPER).forward().rows()).isEqualTo(64);
        assertThat(AttentionKernels.of(MathMode.F32, 64, TURING).forward().rows()).isEqualTo(32);
        assertThat(AttentionKernels.of(MathMode.F32, 128, TURING).forward().rows()).isEqualTo(32);
        assertThat(AttentionKernels.of(MathMode.F32, 128, TURING).keys().rows()).isEqualTo(16);
    }

    @Test
    void a_device_without_room_is_told_so() {
        assertThatThrownBy(() -> AttentionKernels.of(MathMode.F32, 64, 1000))
                .hasMessageContaining("heads of 64 numbers finds no room in 1,000 bytes of shared memory");
    }

    @TestFactory
    Stream<DynamicNode> attention_with_48_kibibytes_agrees_with_the_specification() {
        return attention(PASCAL);
    }

    @TestFactory
    Stream<DynamicNode> attention_with_64_kibibytes_agrees_with_the_specification() {
        return attention(TURING);
    }

    private Stream<DynamicNode> attention(int sharedBytes) {
        assumeTrue(HostCompiler.available("g++"), "needs g++ on the PATH to compile the .cu sources for the host");
        Backend backend = new HostDevice(HostCompiler.library(), Long.MAX_VALUE, sharedBytes)
                .open(MathMode.F32, true);
        open.add(backend);
        List<DynamicNode> kernels = KernelContract.of(backend, DType.F32)
                .filter(kernel -> kernel instanceof DynamicContainer)
                .filter(kernel -> kernel.getDisplayName().startsWith("attention")).toList();
        assertThat(kernels).isNotEmpty();
        return kernels.stream();
    }
}
