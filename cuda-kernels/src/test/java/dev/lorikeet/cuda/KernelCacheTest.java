package dev.lorikeet.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kernels are compiled once for each compiler and device.
final class KernelCacheTest {
    private static final Unit SOFTMAX = Unit.of("softmax");

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
        public byte[] compile(KernelSource source) {
            assertThat(source.text()).contains("__global__");
            assertThat(source.headers().get("common.cuh")).contains("struct Matrix");
            compilations++;
            return (identity + " " + source.unit().name()).getBytes();
        }
    }

    @Test
    void a_source_is_compiled_once() throws IOException {
        Counting compiler = new Counting("A");
        byte[] first = new KernelCache(folder, compiler).module(SOFTMAX);
        byte[] second = new KernelCache(folder, compiler).module(SOFTMAX);
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
        new KernelCache(folder, one).module(SOFTMAX);
        new KernelCache(folder, one).module(Unit.of("losses"));
        assertThat(new KernelCache(folder, other).module(SOFTMAX)).isEqualTo("NVRTC 12.6 sm_90a softmax".getBytes());
        assertThat(one.compilations).isEqualTo(2);
        assertThat(other.compilations).isEqualTo(1);
    }

    @Test
    void a_source_has_a_module_for_each_set_of_values_that_it_leaves_open() {
        Counting compiler = new Counting("A");
        KernelCache cache = new KernelCache(folder, compiler);
        Unit small = new Unit("attention_mma_forward", List.of("INPUT=Bf16", "HEAD_SIZE=64"));
        Unit large = new Unit("attention_mma_forward", List.of("INPUT=Bf16", "HEAD_SIZE=80"));
        assertThat(cache.module(small)).isEqualTo("A attention_mma_forward-INPUT-Bf16-HEAD_SIZE-64".getBytes());
        assertThat(cache.module(large)).isNotEqualTo(cache.module(small));
        assertThat(compiler.compilations).isEqualTo(2);
    }

    @Test
    void headers_are_found_through_headers() {
        assertThat(KernelSource.of(Unit.of("attention_mma_backward")).headers())
                .containsOnlyKeys("attention_mma.cuh", "attention.cuh", "mma.cuh", "common.cuh");
    }

    @Test
    void a_cache_that_cannot_be_written_costs_time_only() throws IOException {
        Path file = Files.createFile(folder.resolve("a file"));
        Counting compiler = new Counting("A");
        KernelCache cache = new KernelCache(file.resolve("below"), compiler);
        assertThat(cache.module(SOFTMAX)).isEqualTo(cache.module(SOFTMAX));
        assertThat(compiler.compilations).isEqualTo(2);
    }

    @Test
    void a_damaged_file_is_compiled_again_and_mended() throws IOException {
        Counting compiler = new Counting("A");
        byte[] module = new KernelCache(folder, compiler).module(SOFTMAX);
        Path file;
        try (Stream<Path> files = Files.list(folder)) {
            file = files.findFirst().orElseThrow();
        }
        byte[] whole = Files.readAllBytes(file);
        byte[] changed = whole.clone();
        changed[2] ^= 1;
        List<byte[]> damages = List.of(new byte[0], Arrays.copyOf(whole, 5), Arrays.copyOf(whole, whole.length - 1),
                changed, new byte[whole.length]);
        int compilations = 1;
        for (byte[] damaged : damages) {
            Files.write(file, damaged);
            assertThat(new KernelCache(folder, compiler).module(SOFTMAX)).isEqualTo(module);
            assertThat(compiler.compilations).isEqualTo(++compilations);
            assertThat(Files.readAllBytes(file)).isEqualTo(whole);
        }
    }

    @Test
    void it_lies_where_caches_belong() {
        assertThat(KernelCache.usualFolder(Map.of("HOME", "/home/a")))
                .isEqualTo(Path.of("/home/a/.cache/lorikeet/cuda"));
        assertThat(KernelCache.usualFolder(Map.of("HOME", "/home/a", "XDG_CACHE_HOME", "/c")))
                .isEqualTo(Path.of("/c/lorikeet/cuda"));
    }
}
