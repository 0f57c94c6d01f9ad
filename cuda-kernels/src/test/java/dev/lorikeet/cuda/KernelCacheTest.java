package dev.lorikeet.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kernels are compiled once for each compiler and device.
final class KernelCacheTest {
    @TempDir
    private Path folder;

    private static final class Counting implements KernelCompiler {
        private final String identity;
        private int compilations;

        Counting(String identity) {
            this.identity = identity;
        }

        @Override
        public String identity() {
            return identity;
        }

        @Override
        public byte[] compile(String name, String text, String header) {
            assertThat(text).contains("#include \"common.cuh\"");
            assertThat(header).contains("struct Matrix");
            compilations++;
            return (identity + " " + name).getBytes();
        }
    }

    @Test
    void a_source_is_compiled_once() throws IOException {
        Counting compiler = new Counting("A");
        byte[] first = new KernelCache(folder, compiler).module("softmax");
        byte[] second = new KernelCache(folder, compiler).module("softmax");
        assertThat(first).isEqualTo(second).isEqualTo("A softmax".getBytes());
        assertThat(compiler.compilations).isEqualTo(1);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void another_source_compiler_or_architecture_has_a_file_of_its_own() {
        Counting one = new Counting("NVRTC 12.6 sm_80");
        Counting other = new Counting("NVRTC 12.6 sm_90a");
        new KernelCache(folder, one).module("softmax");
        new KernelCache(folder, one).module("losses");
        assertThat(new KernelCache(folder, other).module("softmax")).isEqualTo("NVRTC 12.6 sm_90a softmax".getBytes());
        assertThat(one.compilations).isEqualTo(2);
        assertThat(other.compilations).isEqualTo(1);
    }

    @Test
    void a_cache_that_cannot_be_written_costs_time_only() throws IOException {
        Path file = Files.createFile(folder.resolve("a file"));
        Counting compiler = new Counting("A");
        KernelCache cache = new KernelCache(file.resolve("below"), compiler);
        assertThat(cache.module("softmax")).isEqualTo(cache.module("softmax"));
        assertThat(compiler.compilations).isEqualTo(2);
    }

    @Test
    void it_lies_where_caches_belong() {
        assertThat(KernelCache.usualFolder(Map.of("HOME", "/home/a")))
                .isEqualTo(Path.of("/home/a/.cache/lorikeet/cuda"));
        assertThat(KernelCache.usualFolder(Map.of("HOME", "/home/a", "XDG_CACHE_HOME", "/c")))
                .isEqualTo(Path.of("/c/lorikeet/cuda"));
    }
}
