package dev.lorikeet.tensor.cpu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.OutOfDeviceMemory;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Storage;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HostMemoryTest {
    private final HostMemory memory = new HostMemory();

    @AfterEach
    void close() {
        memory.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 63, 64, 65, 4096, 1_000_000, 2 << 20, (2 << 20) + 1})
    void blocks_are_as_long_as_asked_for_and_aligned(long bytes) {
        HostStorage block = memory.allocate(bytes);
        assertThat(block.bytes()).isEqualTo(bytes);
        assertThat(block.address() % (bytes >= 2 << 20 ? 2 << 20 : 64)).isZero();
        block.segment().fill((byte) 1);
        assertThatThrownBy(() -> block.segment().get(JAVA_BYTE, bytes)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void the_all_covering_segment_sees_the_block() {
        HostStorage block = memory.allocate(100);
        block.segment().set(JAVA_BYTE, 99, (byte) 42);
        assertThat(HostMemory.ALL.get(JAVA_BYTE, block.address() + 99)).isEqualTo((byte) 42);
    }

    @Test
    void a_freed_block_cannot_be_used_or_freed_again() {
        HostStorage block = memory.allocate(100);
        memory.free(block);
        assertThatThrownBy(() -> block.segment().get(JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> memory.free(block)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has been freed already");
        assertThat(memory.liveBlocks()).isZero();
    }

    @Test
    void closing_frees_what_is_left() {
        HostStorage block = memory.allocate(100);
        memory.close();
        assertThatThrownBy(() -> block.segment().get(JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_refusal_of_the_system_names_the_request() {
        assertThatThrownBy(() -> memory.allocate(1L << 62)).isInstanceOf(OutOfDeviceMemory.class)
                .hasMessageContaining("4611686018427387904 bytes");
        assertThat(memory.liveBlocks()).isZero();
    }

    @Test
    void aligned_bytes_are_adopted_without_a_copy() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment file = arena.allocate(64, 8);
            Tensor tensor = memory.adopt(file.asSlice(8, 12), DType.F32, Shape.of(3));
            assertThat(tensor.address()).isEqualTo(file.address() + 8);
            assertThat(memory.liveBlocks()).isZero();
            assertThatThrownBy(() -> memory.free(tensor.storage())).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void misaligned_bytes_are_copied_to_where_kernels_may_read_them() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment file = arena.allocate(64, 8);
            file.set(JAVA_FLOAT_UNALIGNED, 7, 1.5f);
            Tensor tensor = memory.adopt(file.asSlice(7, 4), DType.F32, Shape.of(1));
            assertThat(tensor.address() % 4).isZero();
            assertThat(tensor.storage().segment().get(JAVA_FLOAT_UNALIGNED, 0)).isEqualTo(1.5f);
        }
    }

    @Test
    void transfers_demand_contiguous_rows_and_the_right_number_of_bytes() {
        try (Arena arena = Arena.ofConfined()) {
            Storage storage = memory.allocate(48);
            Tensor tensor = Tensor.of(storage, DType.F32, Shape.of(3, 4));
            MemorySegment host = arena.allocate(24, 4);
            assertThatThrownBy(() -> HostMemory.upload(tensor, host)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("upload of F32 (3, 4) (48 bytes) with 24 host bytes");
            assertThatThrownBy(() -> HostMemory.download(host, tensor.cols(0, 2)))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("needs contiguous rows");
        }
    }
}
