package dev.lorikeet.cuda;

import dev.lorikeet.cuda.Stream.Scratch;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;

/// Matrix products: those of a low-rank delta by [LowRank] ([DeltaProducts] can change that), all others by cuBLAS. It
/// wants both operands in one type: what is stored in another is converted into scratch memory first, a slice of the
/// outputs at a time, so that no more than [#SLICE_BYTES] of a weight are ever held twice.
final class Products {
    private static final long SLICE_BYTES = 64L << 20;
    private static final int WHOLE = 64;

    private final Stream stream;
    private final LowRank lowRank;
    private final Moves moves;
    private final Elementwise elementwise;
    private final MathMode mode;
    private final DeltaProducts deltas;

    Products(Stream stream, Moves moves, Elementwise elementwise, MathMode mode, DeltaProducts deltas) {
        this.stream = stream;
        this.lowRank = new LowRank(stream);
        this.moves = moves;
        this.elementwise = elementwise;
        this.mode = mode;
        this.deltas = deltas;
    }

    void gemm(Tensor c, Tensor a, boolean transposeA, Tensor b, boolean transposeB, double alpha, double beta) {
        int inner = transposeA ? a.rows() : a.cols();
        if (c.size() == 0 || inner == 0) {
            elementwise.scale(c, beta);
            return;
        }
        if (deltas == DeltaProducts.KERNELS && lowRank.gemm(c, a, transposeA, b, transposeB, alpha, beta)) {
            return;
        }
        DType type = mode == MathMode.BF16 ? DType.BF16 : DType.F32;
        Tensor left = in(type, a, Scratch.LEFT);
        if (b.dtype() == type) {
            stream.blas().gemm(c, left, transposeA, b, transposeB, (float) alpha, (float) beta, tensorFloat());
            return;
        }
        long fitting = SLICE_BYTES / ((long) inner * type.bytes()) / WHOLE * WHOLE;
        int width = (int) Math.min(c.cols(), Math.max(WHOLE, fitting));
        for (int from = 0; from < c.cols(); from += width) {
            int to = Math.min(c.cols(), from + width);
            Tensor slice = transposeB ? b.rows(from, to) : b.cols(from, to);
            stream.blas().gemm(c.cols(from, to), left, transposeA, in(type, slice, Scratch.RIGHT), transposeB,
                    (float) alpha, (float) beta, tensorFloat());
        }
    }

    private boolean tensorFloat() {
        return mode == MathMode.TF32;
    }

    /// `matrix` itself, or its numbers in `type`.
    private Tensor in(DType type, Tensor matrix, Scratch scratch) {
        if (matrix.dtype() == type) {
            return matrix;
        }
        Shape shape = Shape.of(matrix.rows(), matrix.cols());
        long bytes = shape.size() * type.bytes();
        Tensor converted = Tensor.of(new DeviceStorage(stream.scratch(scratch, bytes), bytes), type, shape);
        moves.copy(converted, matrix);
        return converted;
    }
}
