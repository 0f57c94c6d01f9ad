package dev.lorikeet.bench.kernels;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Storage;
import dev.lorikeet.tensor.Tensor;

/// Calls a product in every way that training and decoding ever do, so that the JIT's profile of its code holds all of
/// them: what a benchmark of a single shape measures may be a kernel that nobody else gets.
final class Pollution {
    private static final int[] EXTENTS = {1, 2, 7, 16, 33, 70, 200};
    private static final DType[] WEIGHTS = {DType.F32, DType.BF16, DType.F16};

    private Pollution() {}

    /// Runs `rounds` times every layout, weight type, alpha and beta of small and thin shapes, with gaps between rows.
    static void of(Backend backend, int rounds) {
        try (Pool pool = new Pool(backend)) {
            for (int round = 0; round < rounds; round++) {
                for (int m : EXTENTS) {
                    for (int n : EXTENTS) {
                        for (int k : EXTENTS) {
                            products(backend, pool, m, n, k, round + m + n + k);
                        }
                    }
                }
            }
        }
    }

    private static void products(Backend backend, Pool pool, int m, int n, int k, int variant) {
        DType type = WEIGHTS[variant % WEIGHTS.length];
        double alpha = variant % 4 == 0 ? 0.5 : 1;
        double beta = variant % 3 == 0 ? 1 : variant % 5 == 0 ? 0.5 : 0;
        for (int layout = 0; layout < 4; layout++) {
            boolean ta = layout > 1;
            boolean tb = layout % 2 == 1;
            Tensor a = operand(backend, pool, DType.F32, ta ? k : m, ta ? m : k, variant);
            Tensor b = operand(backend, pool, type, tb ? n : k, tb ? k : n, variant / 2);
            Tensor c = operand(backend, pool, DType.F32, m, n, variant / 3);
            backend.kernels().gemm(c, a, ta, b, tb, alpha, beta);
            pool.give(a.storage());
            pool.give(b.storage());
            pool.give(c.storage());
        }
    }

    /// Rows with a gap of up to three elements behind each.
    private static Tensor operand(Backend backend, Pool pool, DType type, int rows, int cols, int variant) {
        int stride = cols + variant % 4;
        Storage storage = pool.take((long) rows * stride * type.bytes());
        Tensor all = Tensor.of(storage, type, Shape.of(rows, stride));
        if (type == DType.F32) {
            backend.kernels().uniform(all, -1, 1, new RandomKey(1, variant));
        } else {
            backend.kernels().fill(all, 0.5);
        }
        return all.cols(0, cols);
    }
}
