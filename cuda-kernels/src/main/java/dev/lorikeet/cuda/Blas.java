package dev.lorikeet.cuda;

import dev.lorikeet.tensor.Tensor;

/// Matrix products in the order of the launches: cuBLAS on a device.
interface Blas extends AutoCloseable {
    /// `c (M, N) ← beta·c + alpha·op(a)·op(b)`, rows of contiguous numbers. `c` is F32; `a` and `b` are both F32 or
    /// both BF16; sums are F32. No extent is 0. With `beta = 0` the old content of `c` is not read.
    ///
    /// @param tensorFloat whether F32 inputs may be rounded to TF32 (10 fraction bits)
    void gemm(Tensor c, Tensor a, boolean transposeA, Tensor b, boolean transposeB, float alpha, float beta,
            boolean tensorFloat);

    /// Bytes of device memory that it keeps for itself.
    default long workspaceBytes() {
        return 0;
    }

    @Override
    void close();
}
