package dev.lorikeet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// JCuda's natives of CUDA 12 on CUDA 13.
final class ElfRelinkTest {
    private static byte[] library(String stem) throws IOException {
        String name = "/lib/lib%s-12.6.0-linux-x86_64.so".formatted(stem);
        try (InputStream stream = ElfRelinkTest.class.getResourceAsStream(name)) {
            return stream.readAllBytes();
        }
    }

    /// How often `name` is a whole string of a table. (The table for debuggers has it as part of other names.)
    private static int count(byte[] library, String name) {
        String bytes = new String(library, StandardCharsets.ISO_8859_1);
        return bytes.split(Pattern.quote("\0" + name + "\0"), -1).length - 1;
    }

    @Test
    void versions_are_hashed_as_the_loader_does() {
        assertThat(ElfRelink.hash("GLIBC_2.2.5")).isEqualTo(0x09691A75);
    }

    @ParameterizedTest
    @CsvSource({"JCublas2,cublas", "JNvrtc,nvrtc"})
    void the_new_name_takes_the_place_of_the_old_one(String stem, String needed) throws IOException {
        byte[] before = library(stem);
        String from = "lib%s.so.12".formatted(needed);
        String to = "lib%s.so.13".formatted(needed);
        byte[] after = ElfRelink.relink(before, from, to);
        assertThat(after).hasSameSizeAs(before);
        assertThat(count(before, from)).isEqualTo(1);
        assertThat(count(after, from)).isZero();
        assertThat(count(after, to)).isEqualTo(1);
        assertThat(ElfRelink.relink(after, to, from)).isEqualTo(before);
    }

    /// The loader itself is asked, with libraries of the right names and versions that hold nothing.
    @SuppressWarnings("restricted")
    @Test
    void the_loader_accepts_it_beside_the_newer_library(@TempDir Path folder) throws IOException {
        assumeTrue(HostCompiler.available("g++"), "needs g++ on the PATH to make a library that stands for cuBLAS 13");
        Path empty = Files.writeString(folder.resolve("empty.cpp"), "");
        Path versions = Files.writeString(folder.resolve("versions"), "libcublas.so.13 { global: *; };");
        Path cublas = folder.resolve("libcublas.so.13");
        HostCompiler.run(List.of("g++", "-shared", "-o", cublas.toString(), "-Wl,-soname,libcublas.so.13",
                "-Wl,--version-script=" + versions, empty.toString()));
        Path asLinked = Files.write(folder.resolve("linked.so"), library("JCublas2"));
        Path relinked = Files.write(folder.resolve("relinked.so"),
                ElfRelink.relink(library("JCublas2"), "libcublas.so.12", "libcublas.so.13"));
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup.libraryLookup(cublas, arena);
            assertThatThrownBy(() -> SymbolLookup.libraryLookup(asLinked, arena));
            assertThatCode(() -> SymbolLookup.libraryLookup(relinked, arena)).doesNotThrowAnyException();
        }
    }

    @Test
    void what_does_not_fit_is_refused() throws IOException {
        byte[] library = library("JNvrtc");
        assertThatThrownBy(() -> ElfRelink.relink(library, "libcublas.so.12", "libcublas.so.13"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the library does not need libcublas.so.12");
        assertThatThrownBy(() -> ElfRelink.relink(library, "libnvrtc.so.12", "libnvrtc.so.9"))
                .hasMessageContaining("differ in length");
        assertThatThrownBy(() -> ElfRelink.relink(new byte[100], "a", "b")).hasMessageContaining("not a 64-bit");
    }
}
