package dev.lorikeet.bench.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.bench.compare.Spread;
import dev.lorikeet.bench.gpu.PyTorchProcess.PyTorchFailed;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// What the device can do at best: how fast a large copy moves bytes (read and written ones counted), how fast a large
/// product of random numbers multiplies in each math mode. By our backend, and by PyTorch where it is there: whoever is
/// faster is the measure of our kernels. Also what each takes of the device's memory before it allocates anything.
final class CeilingPart implements Measurement {
    static final String COPY = "copy";
    static final String PRODUCT = "product ";

    private static final String OURS = "lorikeet";
    private static final int SECONDS_OF_PEER = 60;

    @Override
    public void run(PartSettings settings, String rest, Rows rows) {
        int floats = settings.of(1 << 12, 1 << 28, 1 << 29);
        int n = settings.of(64, 8192, 8192);
        context(settings, rows);
        for (String mode : settings.modes()) {
            try (Backend backend = Backends.open(settings.deviceIn(mode));
                    Timing timing = new Timing(backend, settings)) {
                if (mode.equals(settings.modes().getFirst())) {
                    copy(backend, timing, floats, rows);
                }
                product(backend, timing, mode, n, rows);
            }
        }
        peer(settings, new int[] {floats, n, Timing.samples(settings), Timing.ballast(settings)}, rows);
    }

    /// What a process takes by opening the device; only where the driver can be asked, and is by nobody else.
    private static void context(PartSettings settings, Rows rows) {
        OptionalLong before = DevicePart.taken(settings);
        try (Backend backend = Backends.open(settings.device())) {
            backend.synchronize();
            OptionalLong after = DevicePart.taken(settings);
            if (before.isPresent() && after.isPresent()) {
                rows.add("context", "memory taken by opening the device", "who", OURS, "MiB",
                        (after.getAsLong() - before.getAsLong()) / (double) (1 << 20));
            }
        }
    }

    private static void copy(Backend backend, Timing timing, int floats, Rows rows) {
        Tensor from = random(backend, DType.F32, 1, 1, floats);
        Tensor to = backend.allocate(DType.F32, Shape.of(1, floats));
        Spread seconds = timing.seconds(List.of(() -> backend.kernels().copy(to, from)));
        tell(COPY, OURS, 8.0 * floats, 0, seconds.median(), rows);
        backend.free(from.storage());
        backend.free(to.storage());
    }

    private static void product(Backend backend, Timing timing, String mode, int n, Rows rows) {
        DType type = mode.equals("bf16") ? DType.BF16 : DType.F32;
        Tensor a = random(backend, type, 1, n, n);
        Tensor b = random(backend, type, 2, n, n);
        Tensor c = backend.allocate(DType.F32, Shape.of(n, n));
        Spread seconds = timing.seconds(List.of(() -> backend.kernels().gemm(c, a, false, b, true, 1, 0)));
        tell(PRODUCT + mode, OURS, 0, 2.0 * n * n * n, seconds.median(), rows);
    }

    private static void tell(String ceiling, String who, double bytes, double flops, double seconds, Rows rows) {
        if (bytes > 0) {
            rows.add("ceiling", ceiling, "who", who, "bytes", bytes, "seconds", seconds, "GB/s",
                    bytes / seconds / 1e9);
        } else {
            rows.add("ceiling", ceiling, "who", who, "flops", flops, "seconds", seconds, "TFLOP/s",
                    flops / seconds / 1e12);
        }
    }

    /// PyTorch's, in a process of its own. It failing is a remark.
    private static void peer(PartSettings settings, int[] sizes, Rows rows) {
        Optional<String> refusal = PyTorchProcess.refusal(settings);
        if (refusal.isPresent()) {
            rows.add("note", refusal.get());
            return;
        }
        try (PyTorchProcess peer = PyTorchProcess.ceilings(settings, sizes, rows)) {
            for (Optional<JsonNode> said = peer.next(SECONDS_OF_PEER); said.isPresent();
                    said = peer.next(SECONDS_OF_PEER)) {
                JsonNode row = said.get();
                if (row.has("context")) {
                    rows.add("context", "memory taken by opening the device", "who", peer.name(), "MiB",
                            row.get("context").asDouble() / (1 << 20));
                } else {
                    tell(row.get("ceiling").asText(), peer.name(), row.path("bytes").asDouble(),
                            row.path("flops").asDouble(), row.get("seconds").asDouble(), rows);
                }
            }
        } catch (IOException | PyTorchFailed e) {
            rows.note(e);
            rows.add("note", "no ceilings of PyTorch: " + e.getMessage());
        }
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
