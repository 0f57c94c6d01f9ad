package dev.lorikeet.bench.gpu;

import dev.lorikeet.bench.compare.Spread;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.util.List;

/// What the device can do at best: how fast a large copy moves bytes (read and written ones counted), how fast a large
/// product of random numbers multiplies in each math mode.
final class CeilingPart implements Measurement {
    static final String COPY = "copy";
    static final String PRODUCT = "product ";

    @Override
    public void run(PartSettings settings, String rest, Rows rows) {
        for (String mode : settings.modes()) {
            try (Backend backend = Backends.open(settings.deviceIn(mode));
                    Timing timing = new Timing(backend, settings)) {
                if (mode.equals(settings.modes().getFirst())) {
                    copy(backend, timing, settings.of(1 << 12, 1 << 28, 1 << 29), rows);
                }
                product(backend, timing, mode, settings.of(64, 8192, 8192), rows);
            }
        }
    }

    private static void copy(Backend backend, Timing timing, int floats, Rows rows) {
        Tensor from = random(backend, DType.F32, 1, 1, floats);
        Tensor to = backend.allocate(DType.F32, Shape.of(1, floats));
        Spread seconds = timing.seconds(List.of(() -> backend.kernels().copy(to, from)));
        double bytes = 8.0 * floats;
        rows.add("ceiling", COPY, "bytes", bytes, "seconds", seconds.median(), "GB/s",
                bytes / seconds.median() / 1e9);
        backend.free(from.storage());
        backend.free(to.storage());
    }

    private static void product(Backend backend, Timing timing, String mode, int n, Rows rows) {
        DType type = mode.equals("bf16") ? DType.BF16 : DType.F32;
        Tensor a = random(backend, type, 1, n, n);
        Tensor b = random(backend, type, 2, n, n);
        Tensor c = backend.allocate(DType.F32, Shape.of(n, n));
        Spread seconds = timing.seconds(List.of(() -> backend.kernels().gemm(c, a, false, b, true, 1, 0)));
        double flops = 2.0 * n * n * n;
        rows.add("ceiling", PRODUCT + mode, "flops", flops, "seconds", seconds.median(), "TFLOP/s",
                flops / seconds.median() / 1e12);
    }

    private static Tensor random(Backend backend, DType type, int stream, int rows, int cols) {
        Kernels kernels = backend.kernels();
        Tensor floats = backend.allocate(DType.F32, Shape.of(rows, cols));
        kernels.uniform(floats, -1, 1, new RandomKey(17, stream));
        if (type == DType.F32) {
            return floats;
        }
        Tensor rounded = backend.allocate(type, Shape.of(rows, cols));
        kernels.copy(rounded, floats);
        backend.free(floats.storage());
        return rounded;
    }
}
