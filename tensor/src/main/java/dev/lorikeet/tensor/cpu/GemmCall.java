package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.DType;

/// The arguments of one product `c (m, n) ← beta·c + alpha·op(a)·op(b)`: addresses, and strides in bytes from one
/// stored row to the next. `a` and `c` are F32, `b` is of `bType`; where that is I8, `scales` is the address of the
/// factors of B's stored rows or columns, or 0 for none. A packed `b` has `panels` and no address.
record GemmCall(long c, long ldc, long a, long lda, boolean ta, long b, long ldb, boolean tb, DType bType,
        long scales, boolean scalesOfRows, PanelStorage panels, int m, int n, int k, float alpha, float beta) {

    /// Whether `b` is packed, and so that the contraction runs along its panels.
    boolean isForwardPacked() {
        return panels != null && tb == panels.outputsAreRows();
    }

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
        return new GemmCall(c, ldc, a, lda, ta, b, ldb, tb, bType, scales, scalesOfRows, panels, m, n, k,
                alpha, other);
    }

    GemmCall withB(long otherB, long otherLdb, boolean otherTb) {
        return new GemmCall(c, ldc, a, lda, ta, otherB, otherLdb, otherTb, bType, scales, scalesOfRows, panels, m, n,
                k, alpha, beta);
    }

    /// `cᵀ ← beta·cᵀ + alpha·op(b)ᵀ·op(a)ᵀ`: the same product with the operands exchanged, for F32 only. C stays as
    /// it is stored, so the result has to be written transposed.
    GemmCall exchanged() {
        return new GemmCall(c, ldc, b, ldb, !tb, a, lda, !ta, bType, 0, false, null, n, m, k, alpha, beta);
    }

    /// The same product into packed rows at `otherC` whose old content is not read.
    GemmCall into(long otherC) {
        return new GemmCall(otherC, 4L * n, a, lda, ta, b, ldb, tb, bType, scales, scalesOfRows, panels, m, n, k, alpha,
                0);
    }

    /// Whether `op(b)[p]` has a factor for each `p`.
    boolean scalesAlongK() {
        return scales != 0 && scalesOfRows != tb;
    }

    /// Whether `op(b)[p][j]` has a factor for each `j`.
    boolean scalesAlongN() {
        return scales != 0 && scalesOfRows == tb;
    }

    /// Factor `i`.
    float scale(int i) {
        return Lanes.get(scales + 4L * i);
    }

    /// Widens `count` consecutive elements of a stored row of B, the first of which is `op(b)[p][j]`, times their
    /// factors.
    void widen(long dst, int p, int j, int count) {
        long src = b(p, j);
        if (bType != DType.I8) {
            HalfFloats.widen(dst, src, count, bType);
        } else if (scales == 0 || scalesOfRows) {
            Int8Floats.widen(dst, src, count, scales == 0 ? 1 : scale(tb ? j : p));
        } else {
            Int8Floats.widen(dst, src, count, scales + 4L * (tb ? p : j));
        }
    }

    /// Floating-point operations of the product.
    long operations() {
        return 2L * m * n * k;
    }
}
