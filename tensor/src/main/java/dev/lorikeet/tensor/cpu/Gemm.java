package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.GemmKernel.FLOAT;
import static dev.lorikeet.tensor.cpu.HostMemory.ALL;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Scales;
import dev.lorikeet.tensor.Tensor;

/// Matrix products of one CPU backend: `c (M, N) ← beta·c + alpha·op(a)·op(b)` in F32, with B in F32, BF16, F16
/// or I8 with scales.
///
/// Chooses the way by shape ([GemmPacked] for a packed B, else [GemmBlocked], [Gemv] or one of [GemmThin]), and owns
/// the memory that packing needs. That memory grows when a product needs more than any before and is bounded by the
/// block sizes, not by the size of the product; with the same shapes again nothing is allocated.
///
/// Not safe for use by two threads at once: as with the [ThreadTeam], whoever shares it synchronises.
final class Gemm implements AutoCloseable {
    private static final int LINE = 64;

    /// A transposed A is taken as B if C has so many times more rows than columns, `dB = dyᵀ·h` for instance.
    private static final int TALL = 4;
    private static final int TURNED_ROWS = 32;

    private final ThreadTeam team;
    private final HostMemory memory;
    private HostStorage workspace;

    /// Products on the threads of `team`, with workspace from `memory`.
    Gemm(ThreadTeam team, HostMemory memory) {
        this.team = team;
        this.memory = memory;
    }

    /// `c (m, n) ← beta·c + alpha·op(a)·op(b)`, `op(a) (m, k)`, `op(b) (k, n)`.
    ///
    /// `c`, `a`, `b` are addresses; `ldc`, `lda`, `ldb` count elements from one stored row to the next; `ta` and `tb`
    /// say that the operand is stored transposed. With `beta = 0` the old C is not read. C shares no byte with A or
    /// B.
    void run(long c, long ldc, long a, long lda, boolean ta, long b, long ldb, boolean tb, DType bType,
            int m, int n, int k, double alpha, double beta) {
        run(new GemmCall(c, 4 * ldc, a, 4 * lda, ta, b, bType.bytes() * ldb, tb, bType, 0, false, null, m, n, k,
                (float) alpha, (float) beta));
    }

    /// The same with `b` as a tensor of any kind: packed, or with scales.
    void run(long c, long ldc, long a, long lda, boolean ta, Tensor b, boolean tb, int m, int n, int k,
            double alpha, double beta) {
        Scales scales = b.scales();
        PanelStorage panels = b.storage() instanceof PanelStorage packed ? packed : null;
        run(new GemmCall(c, 4 * ldc, a, 4 * lda, ta, panels == null ? b.address() : 0,
                (long) b.dtype().bytes() * b.rowStride(), tb, b.dtype(), scales == null ? 0 : scales.values().address(),
                scales != null && scales.ofRows(), panels, m, n, k, (float) alpha, (float) beta));
    }

    private void run(GemmCall call) {
        if (call.m() == 0 || call.n() == 0) {
            return;
        }
        boolean nothing = call.k() == 0 || call.alpha() == 0;
        if (nothing || call.beta() != 0 && call.beta() != 1) {
            scale(call);
            call = call.withBeta(1);
        }
        if (!nothing) {
            choose(call);
        }
    }

    /// Bytes kept for packing.
    long workspaceBytes() {
        return workspace == null ? 0 : workspace.bytes();
    }

    @Override
    public void close() {
        if (workspace != null) {
            memory.free(workspace);
            workspace = null;
        }
    }

    /// Thin products take the way of [GemmThin] that reads the large operand in its own order, all others the general
    /// one.
    private void choose(GemmCall call) {
        if (call.panels() != null) {
            packed(call);
            return;
        }
        boolean full = call.bType() == DType.F32;
        boolean fewRows = call.m() <= GemmThin.THIN;
        boolean fewColumns = call.n() <= GemmThin.THIN && full;
        boolean shallow = call.k() <= GemmThin.SHALLOW && full;
        if (Gemv.handles(call)) {
            Gemv.run(call, jobs(Gemv.workspaceBytes(call), Gemv.scratchBytes()));
        } else if (call.ta() && call.tb()) {
            blocked(call);
        } else if (call.tb()) {
            if (fewRows || fewColumns) {
                GemmThin.dots(call, jobs(0, GemmThin.dotsScratchBytes(call)));
            } else if (shallow) {
                GemmJobs jobs = jobs(GemmThin.turnedBytes(call), GemmThin.axpysScratchBytes(call));
                GemmThin.updates(GemmThin.turnedB(call, jobs), jobs);
            } else {
                blocked(call);
            }
        } else if (fewRows && call.n() < GemmThin.MANY_COLUMNS) {
            GemmThin.splits(call, jobs(GemmThin.splitsBytes(call), GemmThin.axpysScratchBytes(call)), false);
        } else if (shallow || call.m() <= 2) {
            GemmThin.updates(call, jobs(0, GemmThin.axpysScratchBytes(call)));
        } else if (fewColumns && call.ta()) {
            GemmCall turned = call.exchanged();
            GemmThin.splits(turned, jobs(GemmThin.splitsBytes(turned), 0), true);
        } else if (fewColumns) {
            GemmJobs jobs = jobs(GemmThin.turnedBytes(call), GemmThin.dotsScratchBytes(call));
            GemmThin.dots(GemmThin.turnedB(call, jobs), jobs);
        } else if (call.ta() && full && call.m() >= TALL * call.n()) {
            turned(call);
        } else {
            blocked(call);
        }
    }

    /// `c ← beta·c + (op(b)ᵀ·op(a)ᵀ)ᵀ`: A is the larger operand, and wide panels cost less to pack than narrow ones.
    private void turned(GemmCall call) {
        long bytes = 4L * call.n() * call.m() + 63 & -64L;
        GemmCall exchanged = call.exchanged();
        GemmJobs jobs = jobs(bytes + GemmBlocked.workspaceBytes(exchanged), GemmBlocked.scratchBytes(exchanged));
        GemmBlocked.run(exchanged.into(jobs.workspace()), jobs.behind(bytes));
        jobs.run(Math.ceilDiv(call.m(), TURNED_ROWS), 8L * call.m() * call.n(), part -> {
            int first = part * TURNED_ROWS;
            int rows = Math.min(TURNED_ROWS, call.m() - first);
            for (int j = 0; j < call.n(); j++) {
                long from = jobs.workspace() + 4 * ((long) j * call.m() + first);
                for (int i = 0; i < rows; i++) {
                    long to = call.c(first + i, j);
                    float value = ALL.get(FLOAT, from + 4L * i);
                    ALL.set(FLOAT, to, call.beta() == 0 ? value : ALL.get(FLOAT, to) + value);
                }
            }
        });
    }

    private void packed(GemmCall call) {
        if (!call.isForwardPacked()) {
            blocked(call);
        } else if (call.m() == 1) {
            GemvPacked.run(call, jobs(GemvPacked.workspaceBytes(call), GemvPacked.scratchBytes()));
        } else {
            GemmPacked.run(call, jobs(GemmPacked.workspaceBytes(call), MicroGemm.EDGE_BYTES));
        }
    }

    private void blocked(GemmCall call) {
        GemmBlocked.run(call, jobs(GemmBlocked.workspaceBytes(call), GemmBlocked.scratchBytes(call)));
    }

    private GemmJobs jobs(long shared, long perThread) {
        long scratchBytes = (perThread + 2 * LINE - 1) & -LINE;      // a line apart, so that threads do not share one
        long bytes = shared + team.threads() * scratchBytes;
        if (bytes > workspaceBytes()) {
            close();
            workspace = memory.allocate(bytes);
        }
        return new GemmJobs(team, workspace.address(), workspace.address() + shared, scratchBytes);
    }

    /// `c ← beta·c`.
    private void scale(GemmCall call) {
        float beta = call.beta();
        for (int i = 0; i < call.m(); i++) {
            long row = call.c(i, 0);
            for (int j = 0; j < call.n(); j++) {
                ALL.set(FLOAT, row + 4L * j, beta == 0 ? 0 : beta * ALL.get(FLOAT, row + 4L * j));
            }
        }
    }
}
