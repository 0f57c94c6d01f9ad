package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.DType;

/// The arguments of one product `c (m, n) ← beta·c + alpha·op(a)·op(b)`: addresses, and strides in bytes from one
/// stored row to the next. `a` and `c` are F32, `b` is of `bType`.
record GemmCall(long c, long ldc, long a, long lda, boolean ta, long b, long ldb, boolean tb, DType bType,
        int m, int n, int k, float alpha, float beta) {

    /// Address of `op(a)[i][p]`.
    long a(int i, int p) {
        return ta ? a + p * lda + 4L * i : a + i * lda + 4L * p;
    }

    /// Address of `op(b)[p][j]`.
    long b(int p, int j) {
        long element = bType.bytes();
        return tb ? b + j * ldb + element * p : b + p * ldb + element * j;
    }

    /// Address of `c[i][j]`.
    long c(int i, int j) {
        return c + i * ldc + 4L * j;
    }

    GemmCall withBeta(float other) {
        return new GemmCall(c, ldc, a, lda, ta, b, ldb, tb, bType, m, n, k, alpha, other);
    }

    GemmCall withB(long otherB, long otherLdb, boolean otherTb) {
        return new GemmCall(c, ldc, a, lda, ta, otherB, otherLdb, otherTb, bType, m, n, k, alpha, beta);
    }

    /// `cᵀ ← beta·cᵀ + alpha·op(b)ᵀ·op(a)ᵀ`: the same product with the operands exchanged, for F32 only. C stays as
    /// it is stored, so the result has to be written transposed.
    GemmCall exchanged() {
        return new GemmCall(c, ldc, b, ldb, !tb, a, lda, !ta, bType, n, m, k, alpha, beta);
    }

    /// Floating-point operations of the product.
    long operations() {
        return 2L * m * n * k;
    }
}
