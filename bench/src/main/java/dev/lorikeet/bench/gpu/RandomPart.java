package dev.lorikeet.bench.gpu;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.BiConsumer;

/// Whether the device draws the numbers that the processor draws, element by element, and how fast.
final class RandomPart implements Measurement {
    private static final RandomKey KEY = new RandomKey(0x0123456789ABCDEFL, 0x1122334455667788L);
    /// Logarithm, sine and cosine may differ in the last place of a double, which rounding to F32 rarely shows.
    private static final double NORMAL_TOLERANCE = 2e-7;

    @Override
    public void run(PartSettings settings, String rest, Rows rows) {
        int n = settings.of(1003, 10_000_019, 50_000_017);
        try (Backend device = Backends.open(settings.device()); Backend host = Backends.open("cpu");
                Timing timing = new Timing(device, settings)) {
            compare(device, host, timing, n, "uniform", 0, (k, y) -> k.uniform(y, -0.5, 1.5, KEY), rows);
            compare(device, host, timing, n, "normal", NORMAL_TOLERANCE, (k, y) -> k.normal(y, 0, 1, KEY), rows);
            compare(device, host, timing, n, "dropout of ones", 0, (k, y) -> {
                k.fill(y, 1);
                k.dropout(y, y, 0.1, KEY, 0);
            }, rows);
        }
    }

    private static void compare(Backend device, Backend host, Timing timing, int n, String what, double tolerance,
            BiConsumer<Kernels, Tensor> draw, Rows rows) {
        Tensor there = device.allocate(DType.F32, Shape.of(n));
        Tensor here = host.allocate(DType.F32, Shape.of(n));
        draw.accept(host.kernels(), here);
        draw.accept(device.kernels(), there);
        long different = 0;
        double worst = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment a = arena.allocate(4L * n, 64);
            MemorySegment b = arena.allocate(4L * n, 64);
            device.download(a, there);
            host.download(b, here);
            for (long i = 0; i < n; i++) {
                double x = a.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                double y = b.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                if (x != y) {
                    different++;
                    worst = Math.max(worst, Math.abs(x - y) / Math.max(1, Math.abs(y)));
                }
            }
        }
        double seconds = timing.seconds(java.util.List.of(() -> draw.accept(device.kernels(), there))).median();
        rows.add("numbers", what, "passed", worst <= tolerance, "count", n, "different", different, "worst", worst,
                "seconds", seconds, "GB/s", 4.0 * n / seconds / 1e9);
        device.free(there.storage());
        host.free(here.storage());
    }
}
