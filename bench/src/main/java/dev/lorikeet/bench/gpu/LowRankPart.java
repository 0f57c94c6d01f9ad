package dev.lorikeet.bench.gpu;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// The delta `y += 2·(x·Aᵀ)·Bᵀ` of an adapter in each math mode, by our two kernels and by two products of cuBLAS: the
/// same device opened twice, the second time as `cuda:0:cublas`. What this decides in a whole step, [StepPart] says.
final class LowRankPart implements Measurement {
    private static final int SETS = 24;

    private record Operands(Tensor x, Tensor a, Tensor h, Tensor b, Tensor y) {
        static Operands of(Backend backend, int rows, int width, int rank) {
            return new Operands(random(backend, rows, width), random(backend, rank, width),
                    random(backend, rows, rank), random(backend, width, rank), random(backend, rows, width));
        }

        private static Tensor random(Backend backend, int rows, int cols) {
            Tensor tensor = backend.allocate(DType.F32, Shape.of(rows, cols));
            backend.kernels().uniform(tensor, -1, 1, new RandomKey(3, rows ^ cols));
            return tensor;
        }

        void free(Backend backend) {
            List.of(x, a, h, b, y).forEach(tensor -> backend.free(tensor.storage()));
        }
    }

    @Override
    public void run(PartSettings settings, String rest, Rows rows) {
        if (!settings.onGpu()) {
            rows.add("note", "there is no cuBLAS on " + settings.device());
            return;
        }
        for (String mode : settings.modes()) {
            try (Backend ours = Backends.open(settings.deviceIn(mode));
                    Backend cublas = Backends.open(settings.deviceWithCublas(mode))) {
                for (int width : settings.of(List.of(128), List.of(768), List.of(768, 1024))) {
                    for (int rank : settings.of(List.of(4), List.of(4, 8, 64), List.of(1, 4, 8, 16, 32, 64))) {
                        race(settings, mode, ours, cublas, settings.of(9, 4096, 4096), width, rank, rows);
                    }
                }
            }
        }
    }

    private static void race(PartSettings settings, String mode, Backend ours, Backend cublas, int tokens, int width,
            int rank, Rows rows) {
        double fast = seconds(settings, ours, tokens, width, rank);
        double theirs = seconds(settings, cublas, tokens, width, rank);
        double bytes = 4.0 * (3.0 * tokens * width + 2.0 * tokens * rank + 2.0 * rank * width);
        rows.add("delta", "%dx%d r=%d".formatted(tokens, width, rank), "mode", mode, "ours, us", 1e6 * fast,
                "cuBLAS, us", 1e6 * theirs, "cuBLAS / ours", theirs / fast, "ours, GB/s", bytes / fast / 1e9);
    }

    private static double seconds(PartSettings settings, Backend backend, int tokens, int width, int rank) {
        List<Operands> sets = new ArrayList<>();
        for (int i = 0; i < settings.of(2, SETS, SETS); i++) {
            sets.add(Operands.of(backend, tokens, width, rank));
        }
        Kernels kernels = backend.kernels();
        List<Runnable> calls = new ArrayList<>();
        for (Operands set : sets) {
            calls.add(() -> {
                kernels.gemm(set.h, set.x, false, set.a, true, 1, 0);
                kernels.gemm(set.y, set.h, false, set.b, true, 2, 1);
            });
        }
        try (Timing timing = new Timing(backend, settings)) {
            return timing.seconds(calls).median();
        } finally {
            sets.forEach(set -> set.free(backend));
        }
    }
}
