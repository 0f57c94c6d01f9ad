package dev.lorikeet.bench.memory;

import dev.lorikeet.bench.steps.MeasuredStep;
import dev.lorikeet.models.ModelConfig;
import dev.lorikeet.tensor.DryRunBackend;

/// What a step will ask for, known before it runs: the same step on a [DryRunBackend], which counts and computes
/// nothing.
public final class StepLedger {
    private StepLedger() {}

    /// Bytes of weights, adapters, gradients, optimizer, activations and temporaries. What kernels pack into their own
    /// workspace, some megabytes, is not among them.
    public static long bytes(ModelConfig config, int... lengths) {
        try (DryRunBackend backend = new DryRunBackend();
                MeasuredStep step = MeasuredStep.of(backend, config, lengths)) {
            step.step();
            step.step();
            return backend.allocatedBytes();
        }
    }
}
