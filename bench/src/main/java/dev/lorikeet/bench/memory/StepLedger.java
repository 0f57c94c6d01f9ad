package dev.lorikeet.bench.memory;

import dev.lorikeet.bench.steps.LoraStep;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.tensor.DryRunBackend;

/// What a step will ask for, known before it runs: the same step on a [DryRunBackend], which counts and computes
/// nothing.
public final class StepLedger {
    private StepLedger() {}

    /// Bytes of weights, adapters, gradients, optimizer, activations and temporaries. What kernels pack into their own
    /// workspace, some megabytes, is not among them.
    public static long bytes(Gpt2Config config, int rank, int... lengths) {
        try (DryRunBackend backend = new DryRunBackend();
                LoraStep step = new LoraStep(backend, config, rank, lengths)) {
            step.step();
            step.step();
            return backend.allocatedBytes();
        }
    }
}
