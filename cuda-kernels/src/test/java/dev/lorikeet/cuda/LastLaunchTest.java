package dev.lorikeet.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// A failure that shows itself late says how to find the kernel.
final class LastLaunchTest {
    @Test
    void a_kernel_is_named() {
        assertThat(LastLaunch.of(new Kernel("elementwise", "scale")).advice())
                .startsWith("the last launch was scale of elementwise.cu (set CUDA_LAUNCH_BLOCKING=1");
    }

    @Test
    void a_graph_is_to_be_taken_apart_first() {
        assertThat(LastLaunch.ofGraph(1, 64).advice()).startsWith("the last launch was a graph of 64 kernels (open the "
                + "device as cuda:1:nographs, set CUDA_LAUNCH_BLOCKING=1");
    }
}
