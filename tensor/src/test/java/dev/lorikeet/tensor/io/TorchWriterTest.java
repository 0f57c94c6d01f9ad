package dev.lorikeet.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchWriterTest {
    @TempDir
    Path temp;

    @Test
    void the_pickle_of_a_nested_state_dict_is_the_one_torch_writes() throws IOException {
        Path golden = Fixtures.resource("loralib/lora.pt");
        Path file = temp.resolve("lora.pt");
        try (TorchFile in = TorchFile.open(golden)) {
            TorchWriter.writeNested(file, "model_state_dict", sources(in));
        }
        assertThat(pickle(file, "archive")).isEqualTo(pickle(golden, "lora"));
        assertSameTensors(golden, file);
    }

    @Test
    void a_flat_state_dict_is_read_back() {
        Path golden = Fixtures.resource("loralib/lora.bin");
        Path file = temp.resolve("lora.bin");
        try (TorchFile in = TorchFile.open(golden)) {
            TorchWriter.write(file, sources(in));
        }
        assertSameTensors(golden, file);
    }

    /// The authors' file names the location "cuda:0" anew for each tensor, so only the start is the same.
    @Test
    void the_pickle_of_a_flat_state_dict_starts_as_torch_writes_it() throws IOException {
        Path golden = Fixtures.shared("data/lora-mnli-adapter/roberta_base_lora_mnli.bin");
        Path file = temp.resolve("mnli.bin");
        try (TorchFile in = TorchFile.open(golden)) {
            TorchWriter.write(file, sources(in));
        }
        String expected = new String(pickle(golden, "archive"), StandardCharsets.ISO_8859_1);
        String start = expected.substring(0, expected.indexOf("cuda:0") - 5);
        assertThat(start).hasSizeGreaterThan(150);
        assertThat(new String(pickle(file, "archive"), StandardCharsets.ISO_8859_1)).startsWith(start);
        assertSameTensors(golden, file);
    }

    @Test
    void every_type_and_shape_is_read_back_bit_for_bit() {
        Path golden = Fixtures.resource("formats/all_dtypes.safetensors");
        Path file = temp.resolve("all.bin");
        try (SafetensorsFile in = SafetensorsFile.open(golden)) {
            TorchWriter.write(file, sources(in));
        }
        assertSameTensors(golden, file);
    }

    @Test
    void more_tensors_than_a_batch_and_sizes_beyond_16_bits_are_read_back() {
        List<TensorSource> tensors = new ArrayList<>();
        for (int i = 0; i < 2001; i++) {
            byte[] content = {(byte) i};
            tensors.add(TensorSource.of("t" + i, DType.U8, Shape.of(1, 1, 1, 1), MemorySegment.ofArray(content)));
        }
        tensors.add(TensorSource.of("big", DType.U8, Shape.of(70_000), MemorySegment.ofArray(new byte[70_000])));
        Path file = temp.resolve("many.pt");
        TorchWriter.writeNested(file, "state_dict", tensors);
        try (TorchFile in = TorchFile.open(file)) {
            assertThat(in.names()).hasSize(2002);
            assertThat(Fixtures.bytes(in.bytes("t1999"))).containsExactly(1999 & 0xff);
            assertThat(in.info("big").shape()).isEqualTo(Shape.of(70_000));
        }
    }

    @Test
    void an_independent_zip_reader_finds_stored_aligned_entries() throws IOException {
        Path file = temp.resolve("a.pt");
        byte[] content = {1, 2, 3, 4, 5, 6, 7, 8};
        TorchWriter.write(file, List.of(
                TensorSource.of("x", DType.F32, Shape.of(2), MemorySegment.ofArray(content)),
                TensorSource.of("none", DType.F32, Shape.of(0, 2), MemorySegment.ofArray(new byte[0]))));
        checkZip(file, content);
        try (TorchFile in = TorchFile.open(file)) {
            assertThat(in.infos()).allMatch(info -> info.begin() % 64 == 0);
        }
    }

    /// The 64-bit forms are needed beyond 4 GiB only; here they are used from the first byte on.
    @Test
    void archives_in_64_bit_form_are_read_back() throws IOException {
        Path file = temp.resolve("wide.pt");
        byte[] content = {1, 2, 3, 4, 5, 6, 7, 8};
        TensorSource x = TensorSource.of("x", DType.F32, Shape.of(2), MemorySegment.ofArray(content));
        try (AtomicFile out = AtomicFile.create(file)) {
            StoredZipWriter zip = new StoredZipWriter(out, 0);
            zip.add("any/data.pkl", PickleWriter.stateDict(List.of(x)));
            zip.add("any/data/0", content);
            zip.add("any/version", new byte[] {'3', '\n'});
            zip.finish();
            out.commit();
        }
        try (TorchFile in = TorchFile.open(file)) {
            assertThat(Fixtures.bytes(in.bytes("x"))).isEqualTo(content);
        }
        checkZip(file, content);
    }

    @Test
    void integers_are_as_short_as_pythons() {
        assertThat(longs(1L << 31)).containsExactly(0x8a, 5, 0, 0, 0, 0x80, 0);
        assertThat(longs(0x7fffffffffL)).containsExactly(0x8a, 5, 0xff, 0xff, 0xff, 0xff, 0x7f);
        assertThat(longs(0xffffffffffL)).containsExactly(0x8a, 6, 0xff, 0xff, 0xff, 0xff, 0xff, 0);
    }

    @Test
    void a_repeated_name_is_refused() {
        TensorSource x = TensorSource.of("x", DType.U8, Shape.of(), MemorySegment.ofArray(new byte[1]));
        assertThatThrownBy(() -> TorchWriter.write(temp.resolve("x"), List.of(x, x))).hasMessageContaining("'x'");
        assertThat(temp).isEmptyDirectory();
    }

    /// The opcodes of one number, taken from the pickle of a tensor with that many elements (its bytes do not matter).
    private static List<Integer> longs(long elements) {
        int cols = elements % 2 == 0 ? 2 : 1;
        long rows = elements / cols;
        List<Integer> dims = new ArrayList<>();
        for (int d = 3; rows > Integer.MAX_VALUE && d < 1_000_000; d += 2) {
            while (rows % d == 0) {
                dims.add(d);
                rows /= d;
            }
        }
        dims.add((int) rows);
        dims.add(cols);
        Shape shape = Shape.of(dims.stream().mapToInt(Integer::intValue).toArray());
        byte[] pickle = PickleWriter.stateDict(List.of(new TensorSource("x", DType.U8, shape, (_, _) -> {})));
        int at = new String(pickle, StandardCharsets.ISO_8859_1).indexOf("cpu") + 5; // behind the memo's opcode
        List<Integer> opcodes = new ArrayList<>();
        for (int i = at; i < at + 2 + pickle[at + 1]; i++) {
            opcodes.add(Byte.toUnsignedInt(pickle[i]));
        }
        return opcodes;
    }

    private static List<TensorSource> sources(TensorFile in) {
        return in.infos().stream()
                .map(info -> TensorSource.of(info.name(), info.dtype(), info.shape(), in.bytes(info.name())))
                .toList();
    }

    private static void assertSameTensors(Path expected, Path actual) {
        try (Checkpoint a = Checkpoint.open(expected); Checkpoint b = Checkpoint.open(actual)) {
            assertThat(b.names()).containsExactlyElementsOf(a.names());
            for (String name : a.names()) {
                assertThat(b.info(name).dtype()).as(name).isEqualTo(a.info(name).dtype());
                assertThat(b.info(name).shape()).as(name).isEqualTo(a.info(name).shape());
                assertThat(b.bytes(name).mismatch(a.bytes(name))).as(name).isEqualTo(-1);
            }
        }
    }

    private static void checkZip(Path file, byte[] content) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                byte[] bytes = zip.getInputStream(entry).readAllBytes();
                CRC32 crc = new CRC32();
                crc.update(bytes);
                assertThat(entry.getMethod()).isEqualTo(ZipEntry.STORED);
                assertThat(entry.getCrc()).isEqualTo(crc.getValue());
                if (entry.getName().endsWith("/data/0")) {
                    assertThat(bytes).isEqualTo(content);
                }
            }
            assertThat(zip.stream().map(ZipEntry::getName)).anyMatch(name -> name.endsWith("/data/0"));
        }
    }

    private static byte[] pickle(Path file, String top) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            return zip.getInputStream(zip.getEntry(top + "/data.pkl")).readAllBytes();
        }
    }
}
