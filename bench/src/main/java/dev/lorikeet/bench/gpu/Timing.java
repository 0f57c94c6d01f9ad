package dev.lorikeet.bench.gpu;

import dev.lorikeet.bench.compare.Spread;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.util.List;

/// Times calls by the device's own clock. The device is given something long to do first, so that it never waits for
/// the host; calls take turns over several sets of operands, together larger than its cache, so that they come from
/// memory.
final class Timing implements AutoCloseable {
    private static final int SAMPLES = 15;
    private static final double SECONDS_AHEAD = 2e-3;

    private final Backend backend;
    private final Tensor ballast;
    private final int fills;
    private final int samples;

    Timing(Backend backend, PartSettings settings) {
        this.backend = backend;
        this.samples = samples(settings);
        this.ballast = backend.allocate(DType.F32, Shape.of(ballast(settings)));
        backend.kernels().fill(ballast, 0.5);
        double one = backend.seconds(() -> backend.kernels().fill(ballast, 0.5));
        this.fills = (int) Math.clamp(Math.ceil(SECONDS_AHEAD / one), 1, 20);
    }

    /// How often something is timed.
    static int samples(PartSettings settings) {
        return settings.of(2, SAMPLES / 3, SAMPLES);
    }

    /// Numbers that the device fills before.
    static int ballast(PartSettings settings) {
        return settings.of(1 << 10, 1 << 27, 1 << 27);
    }

    /// Seconds per call.
    ///
    /// @param calls sets of operands, taken in turns; the first call of each is not timed
    Spread seconds(List<Runnable> calls) {
        calls.forEach(Runnable::run);
        backend.synchronize();
        double[] seconds = new double[samples];
        for (int i = 0; i < samples; i++) {
            for (int k = 0; k < fills; k++) {
                backend.kernels().fill(ballast, 0.5);
            }
            seconds[i] = backend.seconds(() -> calls.forEach(Runnable::run)) / calls.size();
        }
        return Spread.of(seconds);
    }

    @Override
    public void close() {
        backend.free(ballast.storage());
    }
}
