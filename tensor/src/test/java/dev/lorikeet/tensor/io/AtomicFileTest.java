package dev.lorikeet.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    @TempDir
    Path temp;

    @Test
    void the_old_content_stays_until_the_new_one_is_complete() throws IOException {
        Path file = temp.resolve("config.json");
        AtomicFile.write(file, "old");
        try (AtomicFile out = AtomicFile.create(file)) {
            out.write(ByteBuffer.wrap("new".getBytes(StandardCharsets.UTF_8)));
            assertThat(file).hasContent("old");
            out.commit();
        }
        assertThat(file).hasContent("new");
        assertThat(temp).isDirectoryContaining(file::equals).isDirectoryNotContaining("glob:**.tmp");
    }

    @Test
    void without_commit_nothing_is_left() {
        try (AtomicFile out = AtomicFile.create(temp.resolve("a"))) {
            out.write(ByteBuffer.allocate(10));
            assertThat(out.position()).isEqualTo(10);
        }
        assertThat(temp).isEmptyDirectory();
    }

    @Test
    void missing_directories_are_created() {
        AtomicFile.write(temp.resolve("x/y/z.json"), "{}");
        assertThat(temp.resolve("x/y/z.json")).hasContent("{}");
    }

    @Test
    void a_directory_is_no_target() {
        assertThatThrownBy(() -> AtomicFile.write(temp, "x"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("cannot write " + temp)
                .hasMessageContaining("it is a directory");
    }

    @Test
    void a_tensor_that_cannot_be_read_leaves_the_old_file() throws IOException {
        Path file = temp.resolve("model.safetensors");
        Files.writeString(file, "old");
        TensorSource broken = new TensorSource("x", DType.F32, Shape.of(1_000_000), (first, _) -> {
            if (first > 0) {
                throw new IllegalStateException("the device is gone");
            }
        });
        assertThatThrownBy(() -> SafetensorsWriter.write(file, List.of(broken), Map.of()))
                .hasMessage("the device is gone");
        assertThatThrownBy(() -> TorchWriter.write(file, List.of(broken))).hasMessage("the device is gone");
        assertThat(file).hasContent("old");
        try (var files = Files.list(temp)) {
            assertThat(files).containsExactly(file);
        }
    }

    /// Writes in a process that may write 64 KiB per file (`ulimit -f`), which fails as a full disk does.
    @Test
    void a_full_disk_leaves_nothing_and_says_so() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "skipped: no /bin/sh to limit file sizes with");
        Path file = temp.resolve("big.safetensors");
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process process = new ProcessBuilder("/bin/sh", "-c",
                "ulimit -f 128 && exec \"$0\" -XX:-UsePerfData -Xshare:auto -cp \"$1\" \"$2\" \"$3\"", java.toString(),
                System.getProperty("java.class.path"), Writing.class.getName(), file.toString())
                .redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isEqualTo(3);
        assertThat(output).contains("cannot write " + file, "nothing was changed");
        assertThat(temp).isEmptyDirectory();
    }

    /// The other process.
    static final class Writing {
        public static void main(String[] arguments) {
            MemorySegment zeros = MemorySegment.ofArray(new byte[4 << 20]);
            try {
                SafetensorsWriter.write(Path.of(arguments[0]),
                        List.of(TensorSource.of("zeros", DType.U8, Shape.of(4 << 20), zeros)), Map.of());
            } catch (UncheckedIOException e) {
                System.out.println(e.getMessage());
                System.exit(3);
            }
        }
    }
}
