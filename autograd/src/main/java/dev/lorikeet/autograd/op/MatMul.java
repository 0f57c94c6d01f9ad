package dev.lorikeet.autograd.op;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Grads;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.ShapeMismatch;
import dev.lorikeet.tensor.Tensor;

/// `y = op(a)·op(b)`, where `op` may transpose.
///
/// ```text
/// y = a·b      da = dy·bᵀ     db = aᵀ·dy          y = a·bᵀ     da = dy·b      db = dyᵀ·a
/// y = aᵀ·b     da = b·dyᵀ     db = a·dy           y = aᵀ·bᵀ    da = bᵀ·dyᵀ    db = dyᵀ·aᵀ
/// ```
///
/// @param a kept only if b needs a gradient
/// @param b kept only if a needs a gradient
public record MatMul(Tensor a, boolean transposeA, Tensor b, boolean transposeB) implements Op {
    public static Activation apply(Tape tape, Variable a, boolean transposeA, Variable b, boolean transposeB) {
        Tensor left = a.value();
        Tensor right = b.value();
        int inner = transposeA ? left.rows() : left.cols();
        if (inner != (transposeB ? right.cols() : right.rows())) {
            throw new ShapeMismatch("matmul", a.shape(), b.shape(), "inner extents differ");
        }
        int rows = transposeA ? left.cols() : left.rows();
        int cols = transposeB ? right.rows() : right.cols();
        Tensor y = tape.allocate(a.dtype(), Shape.of(rows, cols));
        tape.kernels().gemm(y, left, transposeA, right, transposeB, 1, 0);
        return tape.record(
                MatMul.class,
                y,
                save -> new MatMul(
                        save.when(tape.needsGrad(b), left), transposeA,
                        save.when(tape.needsGrad(a), right), transposeB),
                a, b);
    }

    @Override
    public void backward(Tensor dy, Grads grads) {
        grads.into(0, (da, beta) -> {
            if (transposeA) {
                grads.kernels().gemm(da, b, transposeB, dy, true, 1, beta);
            } else {
                grads.kernels().gemm(da, dy, false, b, !transposeB, 1, beta);
            }
        });
        grads.into(1, (db, beta) -> {
            if (transposeB) {
                grads.kernels().gemm(db, dy, true, a, transposeA, 1, beta);
            } else {
                grads.kernels().gemm(db, a, !transposeA, dy, false, 1, beta);
            }
        });
    }
}
