package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.GemmKernel.COLUMNS;
import static dev.lorikeet.tensor.cpu.GemmKernel.FLOAT;
import static dev.lorikeet.tensor.cpu.GemmKernel.ROWS;
import static dev.lorikeet.tensor.cpu.HostMemory.ALL;

/// Matrix products on the calling thread, for kernels that multiply blocks inside a part of a [ThreadTeam] job
/// (attention tiles, for instance). Operands are F32 at raw addresses; strides count elements, from one stored row to
/// the next.
///
/// A product has three steps, and the first two can be shared by several products:
///
/// ```java
/// MicroGemm.packA(aPanels, a, lda, transposeA, m, k, alpha);      // bytesA(m, k) bytes at aPanels
/// MicroGemm.packB(bPanels, b, ldb, transposeB, n, k);             // bytesB(n, k) bytes at bPanels
/// MicroGemm.multiply(c, ldc, aPanels, bPanels, m, n, k, add, edge);   // EDGE_BYTES bytes at edge
/// ```
///
/// [#product] does all three. The scratch memory belongs to the caller and should be aligned to 64 bytes; K is not
/// blocked, so keep `m·k` and `n·k` within a few ten thousand elements (second-level cache).
final class MicroGemm {
    /// Bytes of scratch that [#multiply] needs for tiles at the edge of C.
    static final int EDGE_BYTES = GemmKernel.TILE;

    private MicroGemm() {
    }

    /// Bytes of the panels of an A of `m` by `k`.
    static long bytesA(int m, int k) {
        return Math.ceilDiv(m, ROWS) * GemmPanels.bytes(ROWS, k);
    }

    /// Bytes of the panels of a B of `k` by `n`.
    static long bytesB(int n, int k) {
        return Math.ceilDiv(n, COLUMNS) * GemmPanels.bytes(COLUMNS, k);
    }

    /// Bytes of scratch for one [#product].
    static long scratchBytes(int m, int n, int k) {
        return bytesA(m, k) + bytesB(n, k) + EDGE_BYTES;
    }

    /// `c (m, n) ← alpha·op(a)·op(b)`, or `c ← c + …` if `add`; with [#scratchBytes] bytes at `scratch`.
    static void product(long c, long ldc, long a, long lda, boolean transposeA, long b, long ldb, boolean transposeB,
            int m, int n, int k, float alpha, boolean add, long scratch) {
        long bPanels = scratch + bytesA(m, k);
        long edge = bPanels + bytesB(n, k);
        packA(scratch, a, lda, transposeA, m, k, alpha);
        packB(bPanels, b, ldb, transposeB, n, k);
        multiply(c, ldc, scratch, bPanels, m, n, k, add, edge);
    }

    /// Packs `alpha·op(a)`, `op(a) (m, k)`.
    static void packA(long panels, long a, long lda, boolean transposeA, int m, int k, float alpha) {
        long bytes = GemmPanels.bytes(ROWS, k);
        for (int i = 0; i < m; i += ROWS, panels += bytes) {
            if (transposeA) {
                GemmPanels.along(panels, ROWS, a + 4L * i, 4 * lda, m - i, k, alpha);
            } else {
                GemmPanels.across(panels, ROWS, a + 4 * i * lda, 4 * lda, m - i, k, alpha);
            }
        }
    }

    /// Packs `op(b) (k, n)`.
    static void packB(long panels, long b, long ldb, boolean transposeB, int n, int k) {
        long bytes = GemmPanels.bytes(COLUMNS, k);
        for (int j = 0; j < n; j += COLUMNS, panels += bytes) {
            if (transposeB) {
                GemmPanels.across(panels, COLUMNS, b + 4 * j * ldb, 4 * ldb, n - j, k, 1);
            } else {
                GemmPanels.along(panels, COLUMNS, b + 4L * j, 4 * ldb, n - j, k, 1);
            }
        }
    }

    /// `c (m, n) ← A·B` from packed panels, or `c ← c + A·B` if `add`; with [#EDGE_BYTES] bytes at `edge`. Without
    /// `add` the old content of C is not read.
    static void multiply(long c, long ldc, long aPanels, long bPanels, int m, int n, int k, boolean add, long edge) {
        multiply(c, ldc, aPanels, bPanels, GemmPanels.bytes(COLUMNS, k), m, n, k, add, edge);
    }

    /// The same with panels of B that are `bBytes` apart: a slice of longer ones.
    static void multiply(long c, long ldc, long aPanels, long bPanels, long bBytes, int m, int n, int k, boolean add,
            long edge) {
        long aBytes = GemmPanels.bytes(ROWS, k);
        for (int j = 0; j < n; j += COLUMNS, bPanels += bBytes) {
            long a = aPanels;
            for (int i = 0; i < m; i += ROWS, a += aBytes) {
                long tile = c + 4 * (i * ldc + j);
                if (m - i < ROWS || n - j < COLUMNS) {
                    GemmKernel.store(a, 4L * ROWS, bPanels, 4L * COLUMNS, k, edge, 4L * COLUMNS);
                    merge(tile, 4 * ldc, edge, Math.min(ROWS, m - i), Math.min(COLUMNS, n - j), add);
                } else if (add) {
                    GemmKernel.add(a, 4L * ROWS, bPanels, 4L * COLUMNS, k, tile, 4 * ldc);
                } else {
                    GemmKernel.store(a, 4L * ROWS, bPanels, 4L * COLUMNS, k, tile, 4 * ldc);
                }
            }
        }
    }

    /// Copies or adds the part of a tile that lies inside C.
    private static void merge(long c, long ldc, long tile, int rows, int columns, boolean add) {
        for (int i = 0; i < rows; i++, c += ldc, tile += 4L * COLUMNS) {
            for (int j = 0; j < columns; j++) {
                float value = ALL.get(FLOAT, tile + 4L * j);
                ALL.set(FLOAT, c + 4L * j, add ? ALL.get(FLOAT, c + 4L * j) + value : value);
            }
        }
    }
}
