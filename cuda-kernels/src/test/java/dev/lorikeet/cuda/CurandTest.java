package dev.lorikeet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lorikeet.tensor.Philox;
import dev.lorikeet.tensor.RandomKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import jcuda.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Our Philox against NVIDIA's, on the processor: cuRAND's library is needed, a GPU is not.
final class CurandTest {
    private static final long SEED = 0x0123456789ABCDEFL;

    @ParameterizedTest
    @ValueSource(strings = {"default", "legacy"})
    void our_philox_is_that_of_curand_dealt_out_to_65536_streams(String ordering) throws IOException {
        Optional<String> refusal = Curand.refusal();
        assumeTrue(refusal.isEmpty(), () -> "needs cuRAND: " + refusal.get());
        int[] words = new int[700_003];
        try (Curand curand = Curand.onHost(Curand.ordering(ordering), SEED)) {
            curand.words(Pointer.to(words), words.length);
        }
        for (int i = 0; i < words.length; i++) {
            assertThat(words[i]).as("word " + i).isEqualTo(Curand.expected(SEED, i));
        }
    }

    /// Three blocks as cuRAND 10.4 draws them, so that this is held where there is no cuRAND: words 0 and 262144 are of
    /// stream 0, word 4 of stream 1.
    @Test
    void the_order_is_not_ours() {
        assertThat(Curand.expected(SEED, 3)).isEqualTo(Philox.word(new RandomKey(SEED, 0), 3));
        assertThat(Curand.expected(SEED, 4)).isEqualTo(Philox.word(new RandomKey(SEED, 1), 0));
        assertThat(Curand.expected(SEED, 262144)).isEqualTo(Philox.word(new RandomKey(SEED, 0), 4));
    }

    @Test
    void the_native_library_is_staged_under_the_name_that_is_looked_for(@TempDir Path folder) throws IOException {
        assertThat(Curand.stage(folder)).hasFileName("libJCurand-12.6.0-linux-x86_64.so").isNotEmptyFile();
    }
}
