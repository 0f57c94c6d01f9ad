package dev.lorikeet.bench.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.lorikeet.bench.compare.Contender;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;

/// Operands of one product in off-heap memory, and the truth about some elements of the result.
public final class GemmProblem implements AutoCloseable {
    private static final int CHECKED = 200;
    private static final RandomKey KEY = new RandomKey(7, 0);

    private final GemmShape shape;
    private final Backend backend;
    private final Tensor a;
    private final Tensor b;
    private final Tensor c;
    /// B as training keeps it: packed, if it is a frozen weight.
    private final Tensor right;

    /// Allocates the operands in `backend`, which the caller closes, and fills A and B with numbers between -1 and 1.
    public GemmProblem(Backend backend, GemmShape shape) {
        this.backend = backend;
        this.shape = shape;
        a = operand(shape.ta() ? shape.k() : shape.m(), shape.ta() ? shape.m() : shape.k(), 1);
        b = operand(shape.tb() ? shape.n() : shape.k(), shape.tb() ? shape.k() : shape.n(), 2);
        c = operand(shape.m(), shape.n(), 3);
        right = shape.right() == GemmShape.Right.OPERAND ? b : packed();
    }

    private Tensor operand(int rows, int cols, int stream) {
        Tensor tensor = backend.allocate(DType.F32, Shape.of(rows, cols));
        backend.kernels().uniform(tensor, -1, 1, KEY.withStream(stream));
        return tensor;
    }

    private Tensor packed() {
        Tensor copy = backend.allocate(DType.F32, b.shape());
        backend.kernels().copy(copy, b);
        return backend.pack(copy, shape.rowsAreOutputs());
    }

    public GemmShape shape() {
        return shape;
    }

    public Tensor a() {
        return a;
    }

    public Tensor b() {
        return b;
    }

    public Tensor c() {
        return c;
    }

    /// Our kernel, with a frozen weight packed beforehand as models do it.
    public Contender ours() {
        return contender("lorikeet", () -> backend.kernels().gemm(c, a, shape.ta(), right, shape.tb(), 1, 0));
    }

    /// A contender that computes C and returns its last element. Its result is checked here, once.
    ///
    /// @throws IllegalStateException if it computes something else
    public Contender contender(String name, Runnable product) {
        backend.kernels().fill(c, Double.NaN);
        product.run();
        check(name);
        long last = c.size() - 1;
        return Contender.of(name, () -> {
            product.run();
            return at(c, last);
        });
    }

    /// Compares elements of C, the corners among them, with sums in double.
    private void check(String name) {
        for (int probe = 0; probe < CHECKED; probe++) {
            long i = probe % 2 == 0 ? place(probe, shape.m()) : place(probe / 2, shape.m());
            long j = place(probe / 2 + probe % 2 * 31, shape.n());
            double sum = 0;
            double size = 0;
            for (long p = 0; p < shape.k(); p++) {
                double term = at(a, shape.ta() ? p * shape.m() + i : i * shape.k() + p)
                        * at(b, shape.tb() ? j * shape.k() + p : p * shape.n() + j);
                sum += term;
                size += Math.abs(term);
            }
            double found = at(c, i * shape.n() + j);
            if (!(Math.abs(found - sum) <= 2e-6 * size)) {
                throw new IllegalStateException("%s computes %s wrongly: element (%d, %d) is %s, should be %s"
                        .formatted(name, shape, i, j, found, sum));
            }
        }
    }

    /// Places from 0 to `extent − 1`, spread over all of it; the first ones are both ends.
    private static long place(int probe, int extent) {
        return switch (probe) {
            case 0 -> 0;
            case 1 -> extent - 1L;
            default -> probe * 0x9E3779B1L % extent;
        };
    }

    private static double at(Tensor tensor, long index) {
        return tensor.storage().segment().getAtIndex(JAVA_FLOAT, index);
    }

    @Override
    public void close() {
        backend.free(a.storage());
        backend.free(b.storage());
        if (right != b) {
            backend.free(right.storage());
        }
        backend.free(c.storage());
    }
}
