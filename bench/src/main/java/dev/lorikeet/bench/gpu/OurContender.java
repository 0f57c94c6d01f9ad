package dev.lorikeet.bench.gpu;

import dev.lorikeet.bench.steps.MeasuredStep;
import dev.lorikeet.nn.BaseDType;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DryRunBackend;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/// Our own steps, each of which ends with its loss on the host, as in training. How much of the device's memory they
/// take is the device's own word before and after each of our turns, of which the first step is one: meanwhile nobody
/// else takes any. What a backend keeps from its opening on, cuBLAS's workspace, counts as well.
final class OurContender implements StepContender {
    private static final int FIRST_STEPS = 5;

    private final String name;
    private final Workload workload;
    private final String device;
    private final BaseDType base;
    private Backend backend;
    private MeasuredStep step;
    private long taken;
    private OptionalLong peak = OptionalLong.empty();
    private int made;

    /// @param name   `lorikeet`, and what it does otherwise than usual
    /// @param device with a math mode
    /// @param base   how the frozen matrices are kept
    OurContender(String name, Workload workload, String device, BaseDType base) {
        this.name = name;
        this.workload = workload;
        this.device = device;
        this.base = base;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<Double> start() {
        backend = Backends.open(device);
        taken = backend.workspaceBytes();
        peak = backend.takenBytes().isPresent() ? OptionalLong.of(taken) : OptionalLong.empty();
        List<Double> losses = new ArrayList<>();
        counted(() -> {
            step = workload.open().apply(backend, base);
            losses.add(step.step().loss());
        });
        counted(() -> {
            while (losses.size() < FIRST_STEPS) {
                losses.add(step.step().loss());
            }
        });
        made = FIRST_STEPS;
        return losses;
    }

    /// Adds to [#taken] what `work` takes of the device.
    private void counted(Runnable work) {
        OptionalLong before = backend.takenBytes();
        work.run();
        OptionalLong after = backend.takenBytes();
        if (peak.isPresent()) {
            taken += after.getAsLong() - before.getAsLong();
            peak = OptionalLong.of(Math.max(peak.getAsLong(), taken));
        }
    }

    /// Of the model that [#start] built, before any step.
    MeasuredStep fresh() {
        backend = Backends.open(device);
        step = workload.open().apply(backend, base);
        return step;
    }

    @Override
    public double run(int count) {
        long[] time = new long[2];
        counted(() -> {
            backend.synchronize();
            time[0] = System.nanoTime();
            for (int i = 0; i < count; i++) {
                step.step();
            }
            backend.synchronize();
            time[1] = System.nanoTime();
        });
        made += count;
        return (time[1] - time[0]) / 1e9;
    }

    @Override
    public Map<String, Object> memory() {
        Map<String, Object> memory = new LinkedHashMap<>();
        memory.put("predicted", predicted());
        backend.peakBytes().ifPresent(bytes -> memory.put("allocated", bytes));
        peak.ifPresent(bytes -> memory.put("peak", bytes));
        memory.put("kernels", backend.workspaceBytes());
        return memory;
    }

    @Override
    public OptionalDouble repeated() {
        return backend.replayedShare();
    }

    /// The same steps without a device: bytes of weights, adapters, gradients, optimizer, activations, temporaries, of
    /// batches that are filled up where they would be.
    private long predicted() {
        try (DryRunBackend counting = new DryRunBackend(backend);
                MeasuredStep dry = workload.open().apply(counting, base)) {
            for (int i = 0; i < Math.min(made, FIRST_STEPS + workload.batches().size()); i++) {
                dry.step();
            }
            return counting.peakBytes().orElseThrow();
        }
    }

    @Override
    public void stop() {
        if (step != null) {
            step.close();
        }
        if (backend != null) {
            backend.close();
        }
        step = null;
        backend = null;
    }
}
