package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.GemmKernel.COLUMNS;
import static dev.lorikeet.tensor.cpu.GemmKernel.ROWS;

/// `y = x·W` with a frozen matrix whose panels were packed once: [GemmBlocked] without the packing of B, which is a
/// twentieth of the work for a thousand rows and a quarter for sixty. As nothing has to be packed first, all blocks of
/// C are parts of one job.
///
/// The other direction, `dx = dy·Wᵀ`, needs panels of inputs. [GemmBlocked] makes them from the panels of outputs.
/// Reading those across instead, six inputs one vector pair apart, needs no packing either and was tried: 5 to 12%
/// slower from 250 rows on.
final class GemmPacked {
    private static final int WIDE = GemmBlocked.WIDE;

    /// Panels that one part packs.
    private static final int BUNDLE = 4;

    /// Parts that a small product is cut into at least, so that all threads have some.
    private static final int PARTS = 8;

    private GemmPacked() {
    }

    /// Bytes of workspace that a call needs, beside the scratch of the threads.
    static long workspaceBytes(GemmCall call) {
        return MicroGemm.bytesA(Math.min(call.m(), GemmBlocked.HIGH), GemmBlocked.depth(call.k()));
    }

    /// Runs a call with a packed B that is read forward, and beta 0 or 1.
    static void run(GemmCall call, GemmJobs jobs) {
        int depth = GemmBlocked.depth(call.k());
        for (int i = 0; i < call.m(); i += GemmBlocked.HIGH) {
            for (int p = 0; p < call.k(); p += depth) {
                new Slice(call, jobs, i, Math.min(GemmBlocked.HIGH, call.m() - i), p, Math.min(depth, call.k() - p))
                        .run();
            }
        }
    }

    /// `m` rows from `i`, `k` steps from `p`.
    private record Slice(GemmCall call, GemmJobs jobs, int i, int m, int p, int k) {
        void run() {
            int panels = Math.ceilDiv(m, ROWS);
            jobs.run(Math.ceilDiv(panels, BUNDLE), 16L * m * k,
                    part -> packA(BUNDLE * part, Math.min(panels, BUNDLE * (part + 1))));
            int blocksDown = Math.ceilDiv(m, GemmBlocked.BLOCK_ROWS);
            int width = blockColumns(blocksDown);
            int across = WIDE / width;
            int wides = Math.ceilDiv(call.n(), WIDE);
            // a part beyond the last column has nothing to do
            jobs.run(wides * blocksDown * across, 2L * m * call.n() * k, part -> {
                int column = part / (blocksDown * across) * WIDE + part % across * width;
                int columns = Math.min(width, call.n() - column);
                if (columns > 0) {
                    multiply(part / across % blocksDown, blocksDown, column, columns);
                }
            });
        }

        private void packA(int first, int end) {
            for (int panel = first; panel < end; panel++) {
                long to = jobs.workspace() + panel * GemmPanels.bytes(ROWS, k);
                GemmBlocked.packA(call, to, i + panel * ROWS, p, k);
            }
        }

        /// Few rows: narrower blocks, so that there are enough of them.
        private int blockColumns(int blocksDown) {
            int width = GemmBlocked.BLOCK_COLUMNS;
            while (width > 4 * COLUMNS && blocksDown * Math.ceilDiv(call.n(), width) < PARTS) {
                width /= 2;
            }
            return width;
        }

        private void multiply(int down, int blocksDown, int column, int columns) {
            int panels = Math.ceilDiv(m, ROWS);
            int top = panels * down / blocksDown;
            int rows = Math.min(m, panels * (down + 1) / blocksDown * ROWS) - top * ROWS;
            MicroGemm.multiply(call.c(i + top * ROWS, column), call.ldc() / 4,
                    jobs.workspace() + top * GemmPanels.bytes(ROWS, k),
                    call.panels().at(column / COLUMNS, p), call.panels().stride(),
                    rows, columns, k, p > 0 || call.beta() != 0, jobs.scratch());
        }
    }
}
