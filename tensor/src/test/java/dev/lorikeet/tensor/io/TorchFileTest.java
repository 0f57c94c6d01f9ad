package dev.lorikeet.tensor.io;

import static dev.lorikeet.tensor.io.TorchPickles.bytes;
import static dev.lorikeet.tensor.io.TorchPickles.call;
import static dev.lorikeet.tensor.io.TorchPickles.dict;
import static dev.lorikeet.tensor.io.TorchPickles.floats;
import static dev.lorikeet.tensor.io.TorchPickles.global;
import static dev.lorikeet.tensor.io.TorchPickles.littleEndian;
import static dev.lorikeet.tensor.io.TorchPickles.number;
import static dev.lorikeet.tensor.io.TorchPickles.pickle;
import static dev.lorikeet.tensor.io.TorchPickles.tensor;
import static dev.lorikeet.tensor.io.TorchPickles.text;
import static dev.lorikeet.tensor.io.TorchPickles.tuple;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchFileTest {
    private static final Map<String, byte[]> STORAGE = Map.of("0", bytes("aaaabbbbccccddddeeeeffff"));

    @TempDir
    Path temp;

    private TorchFile open(String value) {
        return TorchFile.open(TorchPickles.archive(temp.resolve("x.pt"), pickle(value), STORAGE));
    }

    @Test
    void untyped_storages_take_the_type_of_the_tensor() {
        String untyped = tuple(text("storage"), global("torch.storage", "UntypedStorage"), text("0"), text("cpu"),
                number(24)) + "Q";
        String value = call(global("torch._utils", "_rebuild_tensor_v3"), untyped, number(2), tuple(number(5)),
                tuple(number(2)), "\u0089", call(global("collections", "OrderedDict")), global("torch", "int16"));
        try (TorchFile file = open(value)) {
            assertThat(file.info("tensor").dtype()).isEqualTo(DType.I16);
            assertThat(Fixtures.bytes(file.bytes("tensor"))).asString().isEqualTo("bbccddeeff");
        }
    }

    @Test
    void the_oldest_constructor_and_dicts_of_pairs_are_read() {
        String old = call(global("torch._utils", "_rebuild_tensor"), floats(number(6)), number(1), tuple(number(2)),
                tuple(number(1)));
        String value = call(global("collections", "OrderedDict"), "](" + tuple(text("w"), old)
                + tuple(text("shape"), call(global("torch", "Size"), tuple(number(3), number(4))))
                + tuple(text("type"), global("torch", "bfloat16")) + "e");
        try (TorchFile file = open(value)) {
            assertThat(file.names()).containsExactly("w");
            assertThat(Fixtures.bytes(file.bytes("w"))).asString().isEqualTo("bbbbcccc");
            assertThat(file.extras()).containsExactly(
                    Map.entry("shape.0", 3L), Map.entry("shape.1", 4L), Map.entry("type", "torch.bfloat16"));
        }
    }

    @Test
    void attributes_of_an_ordered_dict_are_dropped() {
        String value = call(global("collections", "OrderedDict")) + "(" + text("w")
                + tensor(floats(number(6)), number(0), tuple(number(6)), tuple(number(1))) + "u"
                + dict(text("_metadata"), dict(text(""), dict(text("version"), number(1)))) + "b";
        try (TorchFile file = open(value)) {
            assertThat(file.names()).containsExactly("w");
            assertThat(file.extras()).isEmpty();
        }
    }

    @Test
    void tensors_beside_the_state_dict_are_extras() {
        String six = tensor(floats(number(6)), number(0), tuple(number(6)), tuple(number(1)));
        String value = dict(text("state_dict"), dict(text("w"), six), text("optimizer"),
                dict(number(0), dict(text("m"), six)), text("empty"), "]", text("step"), number(7));
        try (TorchFile file = open(value)) {
            assertThat(file.names()).containsExactly("w");
            assertThat(file.extras()).containsEntry("step", 7L).containsEntry("empty", List.of()).hasSize(3);
            assertThat(file.extras().get("optimizer.0.m")).isInstanceOfSatisfying(TensorInfo.class,
                    info -> assertThat(info.shape()).isEqualTo(Shape.of(6)));
        }
    }

    @Test
    void views_of_one_storage_share_it_at_their_offsets() {
        String six = floats(number(6));
        String value = dict(
                text("all"), tensor(six, number(0), tuple(number(2), number(3)), tuple(number(3), number(1))),
                text("tail"), tensor(six, number(4), tuple(number(2)), tuple(number(1))),
                text("turned"), tensor(six, number(0), tuple(number(3), number(2)), tuple(number(1), number(3))),
                text("again"), tensor(six, number(0), tuple(number(3), number(2)), tuple(number(1), number(3))));
        try (TorchFile file = open(value); Backend backend = Backends.open("scalar")) {
            Tensor all = file.load(backend, "all");
            Tensor tail = file.load(backend, "tail");
            assertThat(tail.storage()).isSameAs(all.storage());
            assertThat(tail.address() - all.address()).isEqualTo(16);
            assertThat(Fixtures.bytes(file.bytes("turned"))).asString().isEqualTo("aaaaddddbbbbeeeeccccffff");
            assertThat(file.load(backend, "again").storage()).isSameAs(file.load(backend, "turned").storage());
            assertThat(file.load(backend, "turned").storage()).isNotSameAs(all.storage());
        }
    }

    @Test
    void archives_of_other_kinds_are_refused_with_a_reason() throws IOException {
        Path file = temp.resolve("z.pt");
        zip(file, Map.of("a/data.pkl", pickle("}"), "a/byteorder", "big"), ZipEntry.STORED);
        assertThatThrownBy(() -> TorchFile.open(file)).hasMessageContaining("little-endian data, found 'big'");
        zip(file, Map.of("a/data.pkl", pickle("}"), "a/constants.pkl", pickle("}")), ZipEntry.STORED);
        assertThatThrownBy(() -> TorchFile.open(file)).hasMessageContaining("TorchScript");
        zip(file, Map.of("a/b/data.pkl", pickle("}")), ZipEntry.STORED);
        assertThatThrownBy(() -> TorchFile.open(file)).hasMessageContaining("found 0 in the zip archive");
        zip(file, Map.of("a/data.pkl", pickle("}"), "b/data.pkl", pickle("}")), ZipEntry.STORED);
        assertThatThrownBy(() -> TorchFile.open(file)).hasMessageContaining("found 2 in the zip archive");
        zip(file, Map.of("a/data.pkl", pickle("}")), ZipEntry.DEFLATED);
        assertThatThrownBy(() -> TorchFile.open(file)).isInstanceOf(FormatException.class)
                .hasMessageContaining("compressed or encrypted entry 'a/data.pkl'");
        zip(file, Map.of("a/data.pkl", pickle("}")), ZipEntry.STORED);
        try (TorchFile empty = TorchFile.open(file)) {
            assertThat(empty.names()).isEmpty();
        }
    }

    private static void zip(Path file, Map<String, String> entries, int method) throws IOException {
        Map<String, byte[]> contents = new TreeMap<>();
        entries.forEach((name, content) -> contents.put(name, bytes(content)));
        Files.write(file, TorchPickles.zip(contents, method));
    }

    @Test
    void a_damaged_pickle_fails_its_checksum() throws IOException {
        byte[] bytes = Fixtures.bytes(Fixtures.resource("formats/zip.bin"));
        bytes[64 + 500] ^= 1;
        Path file = Files.write(temp.resolve("damaged.bin"), bytes);
        assertThatThrownBy(() -> TorchFile.open(file)).isInstanceOf(FormatException.class)
                .hasMessageContaining("CRC-32 a02b11f6 for entry 'zip/data.pkl'");
    }

    @Test
    void legacy_storages_may_be_views_of_others() throws IOException {
        String view = tuple(text("storage"), global("torch", "FloatStorage"), text("root"), text("cpu"), number(6),
                tuple(text("part"), number(2), number(3))) + "Q";
        Path file = legacy(dict(text("w"), tensor(view, number(1), tuple(number(2)), tuple(number(1)))), "root", 6);
        try (TorchFile in = TorchFile.open(file)) {
            assertThat(Fixtures.bytes(in.bytes("w"))).asString().isEqualTo("ddddeeee");
        }
    }

    @Test
    void damaged_legacy_files_are_refused() throws IOException {
        String w = dict(text("w"), tensor(floats(number(6)), number(0), tuple(number(6)), tuple(number(1))));
        assertThatThrownBy(() -> TorchFile.open(legacy(w, "0", 7))).isInstanceOf(FormatException.class)
                .hasMessageContaining("storage '0'").hasMessageContaining("7 elements");
        assertThatThrownBy(() -> TorchFile.open(legacy(w, "0", 5))).isInstanceOf(FormatException.class)
                .hasMessageContaining("expected the file's end");
        assertThatThrownBy(() -> TorchFile.open(legacy(w, "0", -1))).isInstanceOf(FormatException.class)
                .hasMessageContaining("-1 elements");
        assertThatThrownBy(() -> TorchFile.open(legacy(w, "1", 6))).isInstanceOf(FormatException.class)
                .hasMessageContaining("keys of storages that the pickle uses, found '1'");
        Path plain = Files.write(temp.resolve("plain.pkl"), bytes(pickle(dict(text("a"), number(1)))));
        assertThatThrownBy(() -> TorchFile.open(plain)).isInstanceOf(FormatException.class)
                .hasMessageContaining("magic number of torch.save, found a dict");
    }

    private Path legacy(String root, String key, int elements) throws IOException {
        String magic = "\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019";
        String all = pickle(magic) + pickle(number(1001)) + pickle(dict(text("little_endian"), "\u0088"))
                + pickle(root) + pickle("](" + text(key) + "e")
                + littleEndian(elements) + littleEndian(elements >> 31) + "aaaabbbbccccddddeeeeffff";
        return Files.write(temp.resolve("legacy.bin"), bytes(all));
    }
}
