package dev.lorikeet.bench.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.bench.steps.LoraStep;
import dev.lorikeet.models.FreshModel;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepLedgerTest {
    private static final Gpt2Config SMALL = Gpt2Config.fresh(new FreshModel(301, 64, 48, 3, 4, -1)).withDropout(0.1);

    @Test
    void the_ledger_is_what_the_real_step_asks_its_backend_for() {
        try (Backend backend = Backends.open("cpu"); LoraStep step = new LoraStep(backend, SMALL, 4, 31, 5, 48)) {
            step.step();
            step.step();
            long adapters = 4 * step.adapter().parameterCount() * Float.BYTES;    // values, gradients, two moments
            assertThat(StepLedger.bytes(SMALL, 31, 5, 48))
                    .isEqualTo(step.store().bytes() + adapters + step.pool().ownedBytes());
        }
    }

    @Test
    void the_peak_is_read_from_the_status_of_the_process(@TempDir Path folder) throws IOException {
        Path status = Files.writeString(folder.resolve("status"), "Name:\tjava\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n");
        assertThat(ResidentMemory.peakBytes(status)).isEqualTo(2L << 20);
        Files.writeString(status, "Name:\tjava\n");
        assertThatThrownBy(() -> ResidentMemory.peakBytes(status))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("VmHWM");
    }
}
