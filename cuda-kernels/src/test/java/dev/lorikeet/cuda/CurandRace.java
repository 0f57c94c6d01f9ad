package dev.lorikeet.cuda;

import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;

/// The words of cuRAND on the device against the order that [Curand] describes, and how long it takes to draw them
/// beside our own uniform numbers: `CurandRace cuda:0 full`. On the host, cuRAND's generator for the host.
public final class CurandRace {
    private static final long SEED = 0x0123456789ABCDEFL;
    private static final int ROUNDS = 5;

    private final CudaBackend backend;
    private final boolean onDevice;
    private final int n;

    private CurandRace(CudaBackend backend, boolean onDevice, int n) {
        this.backend = backend;
        this.onDevice = onDevice;
        this.n = n;
    }

    /// @param arguments the device's name; `tiny`, `quick` or `full`
    public static void main(String[] arguments) throws IOException {
        Optional<String> refusal = Curand.refusal();
        if (refusal.isPresent()) {
            Row.tell("note", refusal.get());
            return;
        }
        try (CudaBackend backend = (CudaBackend) Backends.open(arguments[0])) {
            int n = arguments[1].equals("full") ? 40_000_000 : 1_000_000;
            CurandRace race = new CurandRace(backend, arguments[0].startsWith("cuda:"), n);
            race.run("legacy");
            race.run("default");
        }
    }

    private void run(String ordering) {
        Tensor words = backend.allocate(DType.I32, Shape.of(n));
        Tensor numbers = backend.allocate(DType.F32, Shape.of(n));
        try (Arena arena = Arena.ofConfined(); Curand curand = open(ordering)) {
            MemorySegment host = arena.allocate(4L * n, 64);
            Pointer to = onDevice ? new CUdeviceptr().withByteOffset(words.address()) : Pointer.to(host.asByteBuffer());
            curand.words(to, n);
            await();
            if (onDevice) {
                backend.download(host, words);
            }
            long different = 0;
            for (int i = 0; i < n; i++) {
                different += host.getAtIndex(ValueLayout.JAVA_INT, i) == Curand.expected(SEED, i) ? 0 : 1;
            }
            double theirs = Double.MAX_VALUE;
            double ours = Double.MAX_VALUE;
            for (int round = 0; round < ROUNDS; round++) {
                await();
                long start = System.nanoTime();
                curand.words(to, n);
                await();
                theirs = Math.min(theirs, (System.nanoTime() - start) / 1e9);
                ours = Math.min(ours, backend.seconds(
                        () -> backend.kernels().uniform(numbers, 0, 1, new RandomKey(1, 2))));
            }
            // the default order may change with cuRAND's version: that is no failure of ours
            Row.tell("ordering", ordering, "passed", different == 0 || ordering.equals("default"), "words", n,
                    "different", different, "cuRAND words, s", theirs, "our uniform, s", ours);
        }
        backend.free(words.storage());
        backend.free(numbers.storage());
    }

    private Curand open(String ordering) {
        return onDevice ? Curand.onDevice(Curand.ordering(ordering), SEED)
                : Curand.onHost(Curand.ordering(ordering), SEED);
    }

    /// cuRAND works in a stream of its own.
    private void await() {
        backend.synchronize();
        if (onDevice) {
            JCudaDriver.cuCtxSynchronize();
        }
    }
}
