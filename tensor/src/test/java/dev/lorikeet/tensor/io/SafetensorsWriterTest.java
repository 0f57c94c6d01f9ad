package dev.lorikeet.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
    @TempDir
    Path temp;

    @Test
    void golden_files_are_rewritten_byte_for_byte() throws IOException {
        rewrite(Fixtures.resource("gpt2-tiny/model.safetensors"));
        rewrite(Fixtures.resource("formats/all_dtypes.safetensors"));
        try (Stream<Path> shards = Files.list(Fixtures.resource("gpt2-tiny/sharded"))) {
            shards.filter(file -> file.toString().endsWith(".safetensors")).forEach(this::rewrite);
        }
    }

    @Test
    void all_files_of_the_reference_library_are_rewritten_byte_for_byte() throws IOException {
        List<Path> files = new ArrayList<>();
        for (String where : new String[] {"fixtures", "data/peft-adapters", "data/checkpoints"}) {
            try (Stream<Path> found = Files.walk(Fixtures.shared(where))) {
                found.filter(file -> file.toString().endsWith(".safetensors"))
                        .filter(file -> !file.getParent().endsWith("formats"))
                        .forEach(files::add);
            }
        }
        assertThat(files).hasSizeGreaterThan(50);
        files.forEach(this::rewrite);
    }

    /// In random order, since the writer has to find the reference's order.
    private void rewrite(Path file) {
        Path copy = temp.resolve("copy.safetensors");
        try (SafetensorsFile in = SafetensorsFile.open(file)) {
            List<TensorSource> tensors = new ArrayList<>();
            in.infos().forEach(info -> tensors.add(
                    TensorSource.of(info.name(), info.dtype(), info.shape(), in.bytes(info.name()))));
            Collections.shuffle(tensors, new Random(1));
            SafetensorsWriter.write(copy, tensors, in.metadata());
        }
        assertThat(Fixtures.bytes(copy)).as(file.toString()).isEqualTo(Fixtures.bytes(file));
    }

    @Test
    void without_metadata_or_tensors_the_header_is_an_empty_object() {
        Path file = temp.resolve("empty.safetensors");
        SafetensorsWriter.write(file, List.of(), Map.of());
        assertThat(Fixtures.bytes(file)).isEqualTo(
                "\u0008\0\0\0\0\0\0\0{}      ".getBytes(StandardCharsets.ISO_8859_1));
        try (SafetensorsFile in = SafetensorsFile.open(file)) {
            assertThat(in.names()).isEmpty();
            assertThat(in.metadata()).isEmpty();
        }
    }

    @Test
    void names_are_sorted_as_bytes_and_escaped_as_serde_does() {
        Path file = temp.resolve("names.safetensors");
        List<String> names = List.of("h.2", "h.10", "h.1", "\uFB01", "\uD83D\uDE00", "a\"b\\\n\u0001\u007f/", "é");
        SafetensorsWriter.write(file, names.stream().map(SafetensorsWriterTest::one).toList(),
                new LinkedHashMap<>(Map.of("k", "ü\t")));
        try (SafetensorsFile in = SafetensorsFile.open(file)) {
            assertThat(in.names()).containsExactly(
                    "a\"b\\\n\u0001\u007f/", "h.1", "h.10", "h.2", "é", "\uFB01", "\uD83D\uDE00");
            assertThat(in.metadata()).containsExactly(Map.entry("k", "ü\t"));
        }
        assertThat(new String(Fixtures.bytes(file), StandardCharsets.UTF_8))
                .contains("{\"__metadata__\":{\"k\":\"ü\\t\"},\"a\\\"b\\\\\\n\\u0001\u007f/\":"
                        + "{\"dtype\":\"U8\",\"shape\":[],"
                        + "\"data_offsets\":[0,1]},\"h.1\"");
    }

    @Test
    void names_that_a_reader_would_refuse_are_refused() {
        Path file = temp.resolve("bad.safetensors");
        assertThatThrownBy(() -> SafetensorsWriter.write(file, List.of(one("a"), one("a")), Map.of()))
                .hasMessageContaining("'a'");
        assertThatThrownBy(() -> SafetensorsWriter.write(file, List.of(one("__metadata__")), Map.of()))
                .hasMessageContaining("reserved");
        assertThatThrownBy(() -> SafetensorsWriter.write(file, List.of(one("\uD800")), Map.of()))
                .hasMessageContaining("not Unicode");
        assertThat(temp).isEmptyDirectory();
    }

    @Test
    void tensors_larger_than_the_buffer_and_with_row_gaps_are_streamed() {
        Path file = temp.resolve("large.safetensors");
        float[] numbers = new float[1500 * 1001];
        Random random = new Random(7);
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = random.nextFloat();
        }
        try (Backend backend = Backends.open("scalar")) {
            Tensor whole = backend.allocate(DType.F32, Shape.of(1500, 1001));
            backend.upload(whole, MemorySegment.ofArray(numbers));
            SafetensorsWriter.write(file, List.of(
                    TensorSource.of("whole", whole, backend),
                    TensorSource.of("columns", whole.cols(3, 703), backend),
                    TensorSource.of("rows", whole.rows(5, 1400), backend)), SafetensorsWriter.PT);
        }
        try (SafetensorsFile in = SafetensorsFile.open(file)) {
            assertThat(in.bytes("whole").mismatch(MemorySegment.ofArray(numbers))).isEqualTo(-1);
            float[] rows = Arrays.copyOfRange(numbers, 5 * 1001, 1400 * 1001);
            assertThat(in.bytes("rows").mismatch(MemorySegment.ofArray(rows))).isEqualTo(-1);
            MemorySegment columns = in.bytes("columns");
            for (int row = 0; row < 1500; row++) {
                float[] expected = Arrays.copyOfRange(numbers, row * 1001 + 3, row * 1001 + 703);
                assertThat(columns.asSlice(row * 2800L, 2800).mismatch(MemorySegment.ofArray(expected))).isEqualTo(-1);
            }
        }
    }

    private static TensorSource one(String name) {
        return TensorSource.of(name, DType.U8, Shape.of(), MemorySegment.ofArray(new byte[] {1}));
    }
}
