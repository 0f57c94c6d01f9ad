package dev.lorikeet.cuda;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Tensor;

/// Products with one small extent, those of a low-rank delta: `low_rank.cu`. Memory decides how long they take, so they
/// are computed in F32 whatever the math mode is.
final class LowRank {
    /// The largest rank that these kernels take.
    private static final int LARGEST_RANK = 64;
    /// From here on the other extent counts as large.
    private static final int LARGE = 128;
    private static final int WARPS = 4;
    private static final int SHRINK_ROWS = 4;
    private static final int SHRINK_COLS = 8;
    private static final int EXPAND_ROWS = 8;
    private static final int EXPAND_COLS = 128;
    private static final Kernel SHRINK_T = new Kernel("low_rank", "shrink_transposed");
    private static final Kernel SHRINK_N = new Kernel("low_rank", "shrink_plain");
    private static final Kernel EXPAND_T = new Kernel("low_rank", "expand_transposed");
    private static final Kernel EXPAND_N = new Kernel("low_rank", "expand_plain");

    private final Stream stream;

    LowRank(Stream stream) {
        this.stream = stream;
    }

    /// `c ← beta·c + alpha·a·op(b)` if it has the right extents and types.
    ///
    /// @return whether it was computed
    boolean gemm(Tensor c, Tensor a, boolean transposeA, Tensor b, boolean transposeB, double alpha, double beta) {
        if (transposeA || b.dtype() != DType.F32) {
            return false;
        }
        if (c.cols() <= LARGEST_RANK && a.cols() >= LARGE) {
            write(c, a, b, alpha, beta);
            stream.launch(transposeB ? SHRINK_T : SHRINK_N, Grids.across(c.rows(), WARPS * SHRINK_ROWS),
                    Grids.across(c.cols(), SHRINK_COLS), 32 * WARPS);
            return true;
        }
        if (a.cols() <= LARGEST_RANK && c.cols() >= LARGE) {
            write(c, a, b, alpha, beta);
            stream.launch(transposeB ? EXPAND_T : EXPAND_N, Grids.across(c.cols(), EXPAND_COLS),
                    Math.min(Grids.down(c.rows()), Grids.across(c.rows(), WARPS * EXPAND_ROWS)), 32 * WARPS);
            return true;
        }
        return false;
    }

    private void write(Tensor c, Tensor a, Tensor b, double alpha, double beta) {
        stream.arguments().floats(c).floats(a).floats(b).single(alpha).single(beta);
    }
}
