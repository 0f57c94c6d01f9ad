package dev.lorikeet.cuda;

import dev.lorikeet.tensor.Tensor;

/// How many blocks a kernel gets. Kernels loop over what their grid does not reach, so these numbers decide speed only.
final class Grids {
    static final int THREADS = 256;
    private static final int ROWS = 65535;
    private static final int FLAT = 1 << 30;

    private Grids() {}

    /// Blocks along `cols` columns of which a block takes `share`.
    static long across(long cols, int share) {
        return Math.clamp((cols + share - 1) / share, 1, Integer.MAX_VALUE / 2);
    }

    /// Blocks along a row of `cols` columns of which a block takes `share`. Kernels count columns in an `int` to which
    /// they add the width of the grid: further columns would wrap around.
    ///
    /// @throws IllegalArgumentException for more than 2^30 columns
    static long acrossRow(long cols, int share) {
        if (cols > FLAT) {
            throw new IllegalArgumentException("kernels of cuda take rows of up to %,d columns, these have %,d"
                    .formatted(FLAT, cols));
        }
        return across(cols, share);
    }

    /// Threads of a block that works on one row: each has eight numbers at least, and there are no more than `most`.
    static int ofRow(int cols, int most) {
        return Math.clamp((cols + 255) / 256 * 32, 32, most);
    }

    /// Blocks along rows, one for each.
    static long down(long rows) {
        return Math.clamp(rows, 1, ROWS);
    }

    /// True if the operands can be seen as one long row each.
    static boolean flat(Tensor a, Tensor b) {
        return a.isContiguous() && b.isContiguous() && a.size() <= FLAT;
    }
}
