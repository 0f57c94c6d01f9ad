package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.GemmKernel.COLUMNS;
import static dev.lorikeet.tensor.cpu.GemmKernel.ROWS;

import dev.lorikeet.tensor.DType;

/// The general product: blocks of A and B are packed into panels, and the tiles of C are computed from those.
///
/// Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008), with these sizes: a slice of
/// [#DEPTH] steps of K keeps a panel of A (18 KiB) in the first-level cache and [#BLOCK_ROWS] rows of A (147 KiB) in
/// the second; [#WIDE] columns of B and [#HIGH] rows of A (3 and 6 MiB) stay in the third. A whole block of A is
/// packed once per slice and not once per block of B.
///
/// ```text
/// for each HIGH rows of C
///     for each DEPTH steps of K
///         for each WIDE columns of C
///             pack B (and, the first time, A)        one job; its parts are panels
///             multiply                               one job; its parts are blocks of C
/// ```
///
/// Each element of C is computed by one part, and slices of K are added in order: the result does not depend on the
/// number of threads.
final class GemmBlocked {
    static final int DEPTH = 768;
    static final int WIDE = 1024;
    static final int HIGH = 2040;
    static final int BLOCK_ROWS = 8 * ROWS;
    static final int BLOCK_COLUMNS = 256;

    /// Panels that one part packs, and rows of B that it takes at a time.
    private static final int BUNDLE = 4;
    private static final int RUN = 16;

    private GemmBlocked() {
    }

    /// Bytes of workspace that a call needs, beside the scratch of the threads.
    static long workspaceBytes(GemmCall call) {
        int depth = depth(call.k());
        return MicroGemm.bytesA(Math.min(call.m(), HIGH), depth) + MicroGemm.bytesB(Math.min(call.n(), WIDE), depth);
    }

    /// Bytes of scratch that each thread needs for a call.
    static long scratchBytes(GemmCall call) {
        long widened = call.bType() == DType.F32 ? 0 : 4L * COLUMNS * depth(call.k());
        return widened + MicroGemm.EDGE_BYTES;
    }

    /// K is cut into slices of almost equal length, all but the last whole panels.
    static int depth(int k) {
        int slices = Math.max(1, Math.ceilDiv(k, DEPTH));
        return Math.ceilDiv(Math.ceilDiv(k, slices), COLUMNS) * COLUMNS;
    }

    /// Runs a call whose beta is 0 or 1.
    static void run(GemmCall call, GemmJobs jobs) {
        int depth = depth(call.k());
        for (int i = 0; i < call.m(); i += HIGH) {
            for (int p = 0; p < call.k(); p += depth) {
                for (int j = 0; j < call.n(); j += WIDE) {
                    new Block(call, jobs, i, Math.min(HIGH, call.m() - i), j, Math.min(WIDE, call.n() - j), p,
                            Math.min(depth, call.k() - p)).run();
                }
            }
        }
    }

    /// Packs the panel of `alpha·op(a)` that begins at `row`, `k` steps from `p`.
    static void packA(GemmCall call, long to, int row, int p, int k) {
        if (call.ta()) {
            GemmPanels.along(to, ROWS, call.a(row, p), call.lda(), call.m() - row, k, call.alpha());
        } else {
            GemmPanels.across(to, ROWS, call.a(row, p), call.lda(), call.m() - row, k, call.alpha());
        }
    }

    /// One step of the three loops: `m` rows from `i`, `n` columns from `j`, `k` steps from `p`.
    private record Block(GemmCall call, GemmJobs jobs, int i, int m, int j, int n, int p, int k) {
        void run() {
            int aPanels = j == 0 ? Math.ceilDiv(m, ROWS) : 0;
            int bPanels = Math.ceilDiv(n, COLUMNS);
            int bParts = Math.ceilDiv(bPanels, BUNDLE);
            jobs.run(bParts + Math.ceilDiv(aPanels, BUNDLE), 8L * k * (4L * aPanels * ROWS + n), part -> {
                if (part < bParts) {
                    packB(BUNDLE * part, Math.min(bPanels, BUNDLE * (part + 1)));
                } else {
                    int first = BUNDLE * (part - bParts);
                    packA(first, Math.min(aPanels, first + BUNDLE));
                }
            });
            int blocksDown = Math.ceilDiv(m, BLOCK_ROWS);
            int blocksAcross = Math.ceilDiv(n, BLOCK_COLUMNS);
            jobs.run(blocksDown * blocksAcross, 2L * m * n * k,
                    part -> multiply(part / blocksAcross, blocksDown, part % blocksAcross, blocksAcross));
        }

        private long aPanels() {
            return jobs.workspace();
        }

        private long bPanels() {
            return jobs.workspace() + MicroGemm.bytesA(m, k);
        }

        private void packA(int first, int end) {
            for (int panel = first; panel < end; panel++) {
                long to = aPanels() + panel * GemmPanels.bytes(ROWS, k);
                GemmBlocked.packA(call, to, i + panel * ROWS, p, k);
            }
        }

        /// A panel of Bᵀ reads whole rows. A panel of B reads one cache line from each of many rows, so a bundle of
        /// panels takes a few rows at a time: a memory page is visited once and not once per panel.
        private void packB(int first, int end) {
            int rows = call.panels() != null ? COLUMNS : call.tb() ? k : RUN;
            for (int step = 0; step < k; step += rows) {
                for (int panel = first; panel < end; panel++) {
                    packB(panel, step, Math.min(rows, k - step));
                }
            }
        }

        private void packB(int panel, int step, int rows) {
            long to = bPanels() + panel * GemmPanels.bytes(COLUMNS, k) + 4L * COLUMNS * step;
            int column = j + panel * COLUMNS;
            int left = call.n() - column;
            if (call.panels() != null) {
                call.panels().packInputs(to, column, p + step, rows);
                return;
            }
            long from = call.b(p + step, column);
            if (call.bType() != DType.F32) {
                packWideningB(to, p + step, column, rows);
            } else if (call.tb()) {
                GemmPanels.across(to, COLUMNS, from, call.ldb(), left, rows, 1);
            } else {
                GemmPanels.along(to, COLUMNS, from, call.ldb(), left, rows, 1);
            }
        }

        private void packWideningB(long to, int from, int column, int steps) {
            int columns = Math.min(COLUMNS, call.n() - column);
            if (call.tb()) {
                long rows = jobs.scratch();
                for (int row = 0; row < columns; row++) {
                    call.widen(rows + 4L * k * row, from, column + row, k);
                }
                GemmPanels.across(to, COLUMNS, rows, 4L * k, columns, k, 1);
            } else {
                for (int step = 0; step < steps; step++) {
                    call.widen(to + 4L * COLUMNS * step, from + step, column, columns);
                }
            }
        }

        /// Multiplies block `(down, across)` of C. Blocks are cut at panels, as equal as that allows.
        private void multiply(int down, int blocksDown, int across, int blocksAcross) {
            int panelsDown = Math.ceilDiv(m, ROWS);
            int panelsAcross = Math.ceilDiv(n, COLUMNS);
            int top = panelsDown * down / blocksDown;
            int left = panelsAcross * across / blocksAcross;
            int rows = Math.min(m, panelsDown * (down + 1) / blocksDown * ROWS) - top * ROWS;
            int columns = Math.min(n, panelsAcross * (across + 1) / blocksAcross * COLUMNS) - left * COLUMNS;
            MicroGemm.multiply(call.c(i + top * ROWS, j + left * COLUMNS), call.ldc() / 4,
                    aPanels() + top * GemmPanels.bytes(ROWS, k), bPanels() + left * GemmPanels.bytes(COLUMNS, k),
                    rows, columns, k, p > 0 || call.beta() != 0, jobs.scratch() + wideningBytes());
        }

        private long wideningBytes() {
            return call.bType() == DType.F32 ? 0 : 4L * COLUMNS * k;
        }
    }
}
