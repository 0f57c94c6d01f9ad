package dev.lorikeet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.lorikeet.tensor.BackendUnavailable;
import dev.lorikeet.tensor.Backends;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a user is told before a device is opened.
final class CudaProviderTest {
    @Test
    void without_a_driver_one_sentence_says_so_and_auto_takes_the_processor() {
        assumeFalse(JCudaNatives.driverExists(), "this machine has an NVIDIA driver");
        assertThatThrownBy(() -> Backends.open("cuda:0")).isInstanceOf(BackendUnavailable.class)
                .hasMessageStartingWith("backend 'cuda:0' cannot run here, because no NVIDIA driver was found "
                        + "(the loader knows no libcuda.so.1)");
        Backends.Choice choice = Backends.choose("auto");
        assertThat(choice.backend().device().kind()).isEqualTo("cpu");
        assertThat(choice.explanation()).contains("not cuda: no NVIDIA driver was found");
        choice.backend().close();
    }

    @Test
    void a_device_is_chosen_by_number_and_math_mode() {
        assertThat(CudaProvider.Choice.of("")).isEqualTo(choice(0, MathMode.F32, DeltaProducts.KERNELS));
        assertThat(CudaProvider.Choice.of("1")).isEqualTo(choice(1, MathMode.F32, DeltaProducts.KERNELS));
        assertThat(CudaProvider.Choice.of("0:tf32")).isEqualTo(choice(0, MathMode.TF32, DeltaProducts.KERNELS));
        assertThat(CudaProvider.Choice.of("2:BF16")).isEqualTo(choice(2, MathMode.BF16, DeltaProducts.KERNELS));
        assertThat(CudaProvider.Choice.of("0:cublas")).isEqualTo(choice(0, MathMode.F32, DeltaProducts.CUBLAS));
        assertThat(CudaProvider.Choice.of("0:bf16:cublas")).isEqualTo(choice(0, MathMode.BF16, DeltaProducts.CUBLAS));
        assertThat(CudaProvider.Choice.of("3:nographs"))
                .isEqualTo(new CudaProvider.Choice(3, MathMode.F32, DeltaProducts.KERNELS, false));
        assertThat(CudaProvider.Choice.of("0:tf32:cublas:nographs"))
                .isEqualTo(new CudaProvider.Choice(0, MathMode.TF32, DeltaProducts.CUBLAS, false));
        for (String wrong : new String[] {"-1", "a", "0:f16", "0:f32:1", ":f32", "0:", "0:cublas:bf16", "nographs",
            "0:nographs:tf32", "0:nographs:nographs"}) {
            assertThatThrownBy(() -> CudaProvider.Choice.of(wrong)).isInstanceOf(BackendUnavailable.class)
                    .hasMessageEndingWith("as in cuda:0:tf32; found 'cuda:%s'".formatted(wrong));
        }
    }

    private static CudaProvider.Choice choice(int index, MathMode mode, DeltaProducts deltas) {
        return new CudaProvider.Choice(index, mode, deltas, true);
    }

    @Test
    void jcuda_finds_its_natives_prepared(@TempDir Path folder) throws Exception {
        JCudaNatives natives = new JCudaNatives(folder, "12.6.0");
        Path staged = natives.stage("JNvrtc", "nvrtc", 12);
        byte[] asLinked = Files.readAllBytes(staged);
        assertThat(natives.stage("JNvrtc", "nvrtc", 13)).isEqualTo(staged)
                .hasBinaryContent(ElfRelink.relink(asLinked, "libnvrtc.so.12", "libnvrtc.so.13"));
        assertThat(staged).hasFileName("libJNvrtc-12.6.0-linux-x86_64.so");
        natives.stage("JNvrtc", "nvrtc", 12);
        assertThat(staged).hasBinaryContent(asLinked);
        assertThatThrownBy(() -> natives.stage("JNone", "none", 12)).hasMessageContaining("natives are missing");
    }
}
