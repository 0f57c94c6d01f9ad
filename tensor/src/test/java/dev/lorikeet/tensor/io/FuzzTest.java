package dev.lorikeet.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Seeded damage to good files: a reader accepts the result or throws a [FormatException], nothing else, and every
/// tensor of an accepted file can be read.
class FuzzTest {
    private static final int ROUNDS = 1_000;

    /// Values that make trouble in lengths, offsets and numbers.
    private static final byte[] EDGES = {0, 1, 0x7f, (byte) 0x80, (byte) 0xff, '0', '9', '-', '"', '{', '}', '[', 'e'};

    @TempDir
    Path temp;

    @TestFactory
    Stream<DynamicTest> damaged_files_are_refused_or_read() {
        return Stream.of("zip.bin", "legacy.bin", "nested.pt", "protocol4.bin", "all_dtypes.safetensors",
                        "reordered_header.safetensors", "header_only.safetensors")
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    byte[] good = Fixtures.bytes(Fixtures.resource("formats/" + name));
                    Random random = new Random(name.hashCode());
                    int refused = 0;
                    for (int i = 0; i < ROUNDS; i++) {
                        refused += read(mutate(good, good.length, random)) ? 0 : 1;
                    }
                    assertThat(refused).as("refused of %d", ROUNDS).isPositive();
                }));
    }

    /// Mutations that a checksum cannot catch: the pickle is damaged before the archive is written.
    @TestFactory
    Stream<DynamicTest> damaged_pickles_are_refused_or_read() {
        return Stream.of("zip.bin", "nested.pt", "protocol4.bin").map(name -> DynamicTest.dynamicTest(name, () -> {
            Path golden = Fixtures.resource("formats/" + name);
            String top = name.substring(0, name.indexOf('.'));
            Random random = new Random(name.hashCode());
            try (ZipFile zip = new ZipFile(golden.toFile())) {
                byte[] good = zip.getInputStream(zip.getEntry(top + "/data.pkl")).readAllBytes();
                Map<String, byte[]> storages = new TreeMap<>();
                for (int i = 0; i < 12; i++) {
                    storages.put("" + i, zip.getInputStream(zip.getEntry(top + "/data/" + i)).readAllBytes());
                }
                int refused = 0;
                for (int i = 0; i < ROUNDS; i++) {
                    String pickle = new String(mutate(good, good.length, random), StandardCharsets.ISO_8859_1);
                    refused += read(TorchPickles.archive(pickle, storages)) ? 0 : 1;
                }
                assertThat(refused).as("refused of %d", ROUNDS).isGreaterThan(ROUNDS / 4);
            }
        }));
    }

    /// The length in front stays right, so that the damage reaches the JSON.
    @TestFactory
    Stream<DynamicTest> damaged_headers_are_refused_or_read() {
        return Stream.of("all_dtypes.safetensors", "reordered_header.safetensors").map(name ->
                DynamicTest.dynamicTest(name, () -> {
                    byte[] good = Fixtures.bytes(Fixtures.resource("formats/" + name));
                    int length = (int) ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getLong();
                    byte[] header = Arrays.copyOfRange(good, 8, 8 + length);
                    Random random = new Random(name.hashCode());
                    int refused = 0;
                    for (int i = 0; i < ROUNDS; i++) {
                        byte[] damaged = mutate(header, length, random);
                        ByteBuffer all = ByteBuffer.allocate(8 + damaged.length + good.length - 8 - length);
                        all.order(ByteOrder.LITTLE_ENDIAN).putLong(damaged.length).put(damaged);
                        all.put(good, 8 + length, good.length - 8 - length);
                        refused += read(all.array()) ? 0 : 1;
                    }
                    assertThat(refused).as("refused of %d", ROUNDS).isGreaterThan(ROUNDS / 2);
                }));
    }

    @TestFactory
    Stream<DynamicTest> files_that_end_early_are_refused() {
        return Stream.of("zip.bin", "legacy.bin", "all_dtypes.safetensors").map(name ->
                DynamicTest.dynamicTest(name, () -> {
                    byte[] good = Fixtures.bytes(Fixtures.resource("formats/" + name));
                    for (int length = 0; length < good.length; length += 1 + length / 200) {
                        boolean accepted = read(Arrays.copyOf(good, length));
                        assertThat(accepted).as("%d of %d bytes", length, good.length).isFalse();
                    }
                }));
    }

    /// True if the file was accepted.
    private boolean read(byte[] content) throws IOException {
        Path file = Files.write(temp.resolve("fuzz"), content);
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            for (TensorInfo info : checkpoint.infos()) {
                assertThat(checkpoint.bytes(info.name()).byteSize()).isEqualTo(info.bytes());
            }
            return true;
        } catch (FormatException e) {
            assertThat(e.getMessage()).startsWith(file + ": ").hasSizeLessThan(2_000);
            return false;
        }
    }

    /// One to four changes: a bit, a byte, an edge value, a copied, removed or repeated stretch.
    private static byte[] mutate(byte[] good, int reach, Random random) {
        byte[] bytes = good.clone();
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
            int at = random.nextInt(Math.min(reach, bytes.length));
            int length = Math.min(1 + random.nextInt(16), bytes.length - at);
            switch (random.nextInt(6)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt(256);
                case 2 -> bytes[at] = EDGES[random.nextInt(EDGES.length)];
                case 3 -> System.arraycopy(bytes, random.nextInt(bytes.length - length + 1), bytes, at, length);
                case 4 -> bytes = spliced(bytes, at, at + length, 0);
                default -> bytes = spliced(bytes, at, at, length);
            }
        }
        return bytes;
    }

    /// Bytes `[from, to)` removed and `repeat` bytes before `from + repeat` inserted.
    private static byte[] spliced(byte[] bytes, int from, int to, int repeat) {
        byte[] result = new byte[bytes.length - (to - from) + repeat];
        System.arraycopy(bytes, 0, result, 0, from);
        System.arraycopy(bytes, from, result, from, repeat);
        System.arraycopy(bytes, to, result, from + repeat, bytes.length - to);
        return result;
    }
}
