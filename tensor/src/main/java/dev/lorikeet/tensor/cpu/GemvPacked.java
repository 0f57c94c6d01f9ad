package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.GemmKernel.COLUMNS;

/// `y ← beta·y + alpha·x·W` for one row and a packed matrix: decoding in F32, at the speed of memory.
///
/// Four panels are read at once, each from its first input to its last: four streams, which is what a core needs to
/// read at full speed (see [Gemv]), and y needs no merging. Parts depend on the shape only.
final class GemvPacked {
    private static final int STREAMS = 4;

    /// Bytes of W that a part reads, about.
    private static final long PART = 192 << 10;

    private GemvPacked() {
    }

    /// Bytes of workspace: x, scaled.
    static long workspaceBytes(GemmCall call) {
        return (4L * call.k() + 63) & -64L;
    }

    /// Bytes of scratch that a thread needs: the sums of its panels.
    static long scratchBytes() {
        return 4L * STREAMS * COLUMNS;
    }

    /// Runs a call of one row whose beta is 0 or 1.
    static void run(GemmCall call, GemmJobs jobs) {
        int k = call.k();
        long x = jobs.workspace();
        for (int p = 0; p < k; p++) {
            Lanes.set(x + 4L * p, call.alpha() * Lanes.get(call.a(0, p)));
        }
        PanelStorage w = call.panels();
        int panels = Math.ceilDiv(call.n(), COLUMNS);
        int groups = Math.ceilDiv(panels, STREAMS);
        int perPart = Math.clamp(PART / (STREAMS * w.stride()), 1, groups);
        jobs.run(Math.ceilDiv(groups, perPart), call.operations(), part -> {
            long sums = jobs.scratch();
            for (int group = part * perPart; group < Math.min(groups, (part + 1) * perPart); group++) {
                int first = group * STREAMS;
                int count = Math.min(STREAMS, panels - first);
                if (count == STREAMS) {
                    GemvKernel.panels(sums, x, w.at(first, 0), w.stride(), k);
                } else {
                    for (int panel = 0; panel < count; panel++) {
                        GemvKernel.panel(sums + 4L * COLUMNS * panel, x, w.at(first + panel, 0), k);
                    }
                }
                put(call, first * COLUMNS, Math.min(call.n() - first * COLUMNS, STREAMS * COLUMNS), sums);
            }
        });
    }

    private static void put(GemmCall call, int column, int columns, long sums) {
        if (call.beta() != 0) {
            GemmThinKernel.add(call.c(0, column), sums, columns);
        } else {
            VectorMoves.copy(call.c(0, column), sums, 4L * columns);
        }
    }
}
