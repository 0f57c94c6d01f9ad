package dev.lorikeet.cuda;

import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/// The delta `y += (x·Aᵀ)·Bᵀ` of an adapter, by our two kernels and by two products of cuBLAS, in turns:
/// `LowRankRace cuda:0 full`.
public final class LowRankRace {
    private static final int SETS = 24;

    private record Operands(Tensor x, Tensor a, Tensor h, Tensor b, Tensor y) {}

    private LowRankRace() {}

    /// @param arguments the device's name; `tiny`, `quick` or `full`
    public static void main(String[] arguments) {
        boolean tiny = arguments[1].equals("tiny");
        try (CudaBackend backend = (CudaBackend) Backends.open(arguments[0])) {
            for (int[] rowsAndWidth : tiny ? new int[][] {{9, 128}} : new int[][] {{4096, 768}, {4096, 1024}}) {
                for (int rank : tiny ? new int[] {4} : new int[] {1, 4, 8, 16, 32, 64}) {
                    race(backend, rowsAndWidth[0], rowsAndWidth[1], rank, tiny ? 1 : 11);
                }
            }
        }
    }

    private static void race(CudaBackend backend, int rows, int width, int rank, int rounds) {
        List<Operands> sets = new ArrayList<>();
        for (int i = 0; i < (rounds == 1 ? 2 : SETS); i++) {
            sets.add(new Operands(random(backend, rows, width), random(backend, rank, width),
                    random(backend, rows, rank), random(backend, width, rank), random(backend, rows, width)));
        }
        Kernels kernels = backend.kernels();
        Consumer<Operands> fused = o -> {
            kernels.gemm(o.h, o.x, false, o.a, true, 1, 0);
            kernels.gemm(o.y, o.h, false, o.b, true, 2, 1);
        };
        Consumer<Operands> cublas = o -> {
            Blas blas = backend.stream().blas();
            blas.gemm(o.h, o.x, false, o.a, true, 1, 0, false);
            blas.gemm(o.y, o.h, false, o.b, true, 2, 1, false);
        };
        double[] ours = new double[rounds];
        double[] theirs = new double[rounds];
        sets.forEach(fused);
        sets.forEach(cublas);
        for (int round = 0; round < rounds; round++) {
            ours[round] = backend.seconds(() -> sets.forEach(fused)) / sets.size();
            theirs[round] = backend.seconds(() -> sets.forEach(cublas)) / sets.size();
        }
        double bytes = 4.0 * (3.0 * rows * width + 2.0 * rows * rank + 2.0 * rank * width);
        Row.tell("rows", rows, "width", width, "rank", rank, "ours, us", 1e6 * median(ours), "cuBLAS, us",
                1e6 * median(theirs), "cuBLAS / ours", median(theirs) / median(ours), "ours, GB/s",
                bytes / median(ours) / 1e9);
        sets.forEach(o -> List.of(o.x, o.a, o.h, o.b, o.y).forEach(tensor -> backend.free(tensor.storage())));
    }

    private static Tensor random(CudaBackend backend, int rows, int cols) {
        Tensor tensor = backend.allocate(DType.F32, Shape.of(rows, cols));
        backend.kernels().uniform(tensor, -1, 1, new RandomKey(3, rows ^ cols));
        return tensor;
    }

    private static double median(double[] numbers) {
        double[] sorted = numbers.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
