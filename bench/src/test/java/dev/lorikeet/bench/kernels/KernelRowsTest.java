package dev.lorikeet.bench.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lorikeet.cuda.HostProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Every kernel of the `.cu` sources is measured by some row.
class KernelRowsTest {
    private static final List<String> MODES = List.of("f32", "tf32", "bf16");

    @Test
    void every_kernel_is_started_by_a_row() {
        assumeTrue(new HostProvider().refusal().isEmpty(), "needs g++ to compile the kernels for the host");
        List<KernelRow> rows = new ArrayList<>(new ModelKernels(2, 9, 128, 2, 101, 4).rows());
        rows.addAll(new OtherKernels(6, 3).rows());
        Set<String> started = new TreeSet<>();
        for (String mode : MODES) {
            started.addAll(HostProvider.startedBy(mode, backend -> rows.stream()
                    .filter(row -> mode.equals("f32") || row.products() && !ofOtherHeads(row))
                    .forEach(row -> row.create().apply(backend).run())));
        }
        // smaller tiles of attention are for devices with less shared memory: 64 KiB of Turing, 48 KiB of older ones
        for (int sharedBytes : new int[] {65_536, 49_152}) {
            started.addAll(HostProvider.startedBy("f32", sharedBytes, backend ->
                    rows.forEach(row -> row.create().apply(backend).run())));
        }
        Set<String> missing = new TreeSet<>(HostProvider.kernels());
        assertThat(missing).hasSizeGreaterThan(80).contains("layer_norm_2048", "attention_keys_Bf16", "sgd");
        missing.removeAll(started);
        assertThat(missing).as("kernels that no row of ModelKernels and OtherKernels measures").isEmpty();
    }

    /// On tensor cores they are the same kernels, which the tests do not compile for every head size.
    private static boolean ofOtherHeads(KernelRow row) {
        return row.name().contains("d=32") || row.name().contains("d=96");
    }
}
