package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.GemmKernel.FLOAT;
import static dev.lorikeet.tensor.cpu.HostMemory.ALL;

import dev.lorikeet.tensor.DType;

/// Products with one small dimension, as LoRA and decoding make them. Packing would cost as much as the product: each
/// value of the large operand is used a few times only. Three ways, all without copying the large operand:
///
/// | way | when | parts |
/// |---|---|---|
/// | dots | rows of A times rows of B: M or N small | rows of the longer operand |
/// | updates | K small: rows of C plus multiples of rows of B | blocks of C |
/// | splits | M small and A or B not along K: the same, with a sum over all K | ranges of K, added up in order |
///
/// `x·Aᵀ` is dots; `h·Bᵀ` and `dh·A` are updates; dA and dB splits; decoding a few sequences with (out, in) weights is
/// dots, with (in, out) weights splits; one row alone goes to [Gemv]. Parts depend on the shape only, and each
/// element of C is summed in the same order whoever runs them.
final class GemmThin {
    /// The largest M or N of dots and splits.
    static final int THIN = 16;

    /// The largest K of updates.
    static final int SHALLOW = 8;

    private static final int PART_VALUES = 48 * 1024;       // values of the longer operand that one part of dots reads
    private static final int UPDATE_ROWS = 32;
    private static final int COLUMNS = 512;
    private static final int SPLITS = 16;
    private static final int SPLIT_VALUES = 2 << 20;        // sums of all splits, 8 MiB
    private static final int SWEEP_VALUES = 4096;
    private static final int PIECE = 2048;

    /// With this many columns of C there are parts enough without splitting K.
    static final int MANY_COLUMNS = 8192;
    private static final int SUMS_BYTES = 8 * GemmKernel.VECTOR;

    private GemmThin() {
    }

    /// `c (m, n) ← beta·c + alpha·x·wᵀ`, `x (m, k)` and `w (n, k)` by rows: dots, in groups of 2×4.
    static void dots(GemmCall call, GemmJobs jobs) {
        boolean longW = call.n() >= call.m();
        int rows = longW ? call.n() : call.m();
        int perPart = Math.max(4, PART_VALUES / call.k() & -4);
        jobs.run(Math.ceilDiv(rows, perPart), call.operations(), part -> {
            int from = part * perPart;
            int to = Math.min(rows, from + perPart);
            if (longW) {
                for (int j = from; j < to; j += 4) {
                    dotColumns(call, jobs.scratch(), 0, call.m(), j, to - 1 - j);
                }
            } else {
                for (int i = from; i < to; i += 2) {
                    for (int j = 0; j < call.n(); j += 4) {
                        dotColumns(call, jobs.scratch(), i, Math.min(to, i + 2), j, call.n() - 1 - j);
                    }
                }
            }
        });
    }

    /// Bytes of scratch that a thread needs for dots.
    static long dotsScratchBytes(GemmCall call) {
        return SUMS_BYTES + (call.bType() == DType.F32 ? 0 : 16L * call.k());
    }

    /// Rows `from … to − 1` and columns `j … j + min(3, last)` of C.
    private static void dotColumns(GemmCall call, long scratch, int from, int to, int j, int last) {
        long w = call.b(0, j);
        long ldw = call.ldb();
        if (call.bType() != DType.F32) {
            w = scratch + SUMS_BYTES;
            ldw = 4L * call.k();
            for (int row = 0; row <= Math.min(3, last); row++) {
                call.widen(w + row * ldw, 0, j + row, call.k());
            }
        }
        for (int i = from; i < to; i += 2) {
            if (to - i >= 2) {
                GemmThinKernel.dots2x4(scratch, call.a(i, 0), call.lda(), w, ldw, last, call.k());
                merge(call, i, j, w, ldw, last, scratch);
                merge(call, i + 1, j, w, ldw, last, scratch + 4 * GemmKernel.VECTOR);
            } else {
                GemmThinKernel.dots1x4(scratch, call.a(i, 0), w, ldw, last, call.k());
                merge(call, i, j, w, ldw, last, scratch);
            }
        }
    }

    private static void merge(GemmCall call, int i, int j, long w, long ldw, int last, long sums) {
        long c = call.c(i, j);
        boolean add = call.beta() != 0;
        for (int column = 0; column <= Math.min(3, last); column++) {
            float value = call.alpha() * GemmThinKernel.dot(sums + column * GemmKernel.VECTOR, call.a(i, 0),
                    w + column * ldw, call.k());
            ALL.set(FLOAT, c + 4L * column, add ? ALL.get(FLOAT, c + 4L * column) + value : value);
        }
    }

    /// `c (m, n) ← beta·c + alpha·op(a)·b`, `b (k, n)` by rows: each block of C is finished while it is in the cache.
    static void updates(GemmCall call, GemmJobs jobs) {
        int down = Math.ceilDiv(call.m(), UPDATE_ROWS);
        int across = Math.ceilDiv(call.n(), COLUMNS);
        jobs.run(down * across, call.operations(), part -> {
            int i = part / across * UPDATE_ROWS;
            int j = part % across * COLUMNS;
            int rows = Math.min(UPDATE_ROWS, call.m() - i);
            int columns = Math.min(COLUMNS, call.n() - j);
            for (int row = i; row < i + rows; row += 2) {
                int count = Math.min(2, i + rows - row);
                if (call.beta() == 0) {
                    GemmThinKernel.clear(call.c(row, j), columns);
                    GemmThinKernel.clear(call.c(row + count - 1, j), columns);
                }
                for (int p = 0; p < call.k(); p += 4) {
                    accumulate(call, call.c(row, j), call.ldc(), row, count, p, Math.min(call.k(), p + 4), j, columns,
                            call.alpha(), jobs.scratch());
                }
            }
        });
    }

    /// `sums (m, n) ← op(a)·b` over ranges of K, `c ← beta·c + alpha·sums`; with `transposed`, `c (n, m) ← … sumsᵀ`.
    static void splits(GemmCall call, GemmJobs jobs, boolean transposed) {
        int parts = splitCount(call);
        long bytes = 4L * call.m() * call.n();
        jobs.run(parts, call.operations(), part -> {
            long sums = jobs.workspace() + part * bytes;
            int from = (int) ((long) call.k() * part / parts);
            int to = (int) ((long) call.k() * (part + 1) / parts);
            GemmThinKernel.clear(sums, call.m() * call.n());
            int sweep = sweep(call);
            for (int j = 0; j < call.n(); j += sweep) {
                int columns = Math.min(sweep, call.n() - j);
                for (int p = from; p < to; p += 4) {
                    accumulate(call, sums + 4L * j, 4L * call.n(), 0, call.m(), p, Math.min(to, p + 4), j, columns, 1,
                            jobs.scratch());
                }
            }
        });
        int pieces = Math.ceilDiv(call.n(), PIECE);
        jobs.run(call.m() * pieces, 8L * parts * call.m() * call.n(), piece -> {
            int i = piece / pieces;
            int j = piece % pieces * PIECE;
            int columns = Math.min(PIECE, call.n() - j);
            long sums = jobs.workspace() + 4 * ((long) i * call.n() + j);
            for (int part = 1; part < parts; part++) {
                GemmThinKernel.add(sums, sums + part * bytes, columns);
            }
            mergeSums(call, sums, columns, transposed ? call.c() + 4L * i + j * call.ldc() : call.c(i, j),
                    transposed ? call.ldc() : 4);
        });
    }

    /// Columns that splits visit at once: as many as keep the sums in the first-level cache, so that memory is read
    /// in long runs.
    private static int sweep(GemmCall call) {
        return Math.max(COLUMNS, SWEEP_VALUES / call.m() & -COLUMNS);
    }

    /// Bytes of workspace for [#splits].
    static long splitsBytes(GemmCall call) {
        return 4L * call.m() * call.n() * splitCount(call);
    }

    private static int splitCount(GemmCall call) {
        int affordable = Math.max(1, SPLIT_VALUES / (call.m() * call.n()));
        return Math.clamp(call.k() / 32, 1, Math.min(SPLITS, affordable));
    }

    private static void mergeSums(GemmCall call, long sums, int columns, long c, long step) {
        boolean add = call.beta() != 0;
        for (int j = 0; j < columns; j++, c += step) {
            float value = call.alpha() * ALL.get(FLOAT, sums + 4L * j);
            ALL.set(FLOAT, c, add ? ALL.get(FLOAT, c) + value : value);
        }
    }

    /// `c[i] ← c[i] + Σ alpha·op(a)[row + i][p]·b[p]` for `rows` rows and up to four `p` from `from` to `to`, over
    /// `columns` columns.
    private static void accumulate(GemmCall call, long c, long ldc, int row, int rows, int from, int to, int j,
            int columns, float alpha, long scratch) {
        long aRow = call.a(1, 0) - call.a();
        long aStep = call.a(0, 1) - call.a();
        long b = call.b(from, j);
        long ldb = call.ldb();
        if (call.bType() != DType.F32) {
            b = scratch;
            ldb = 4L * columns;
            for (int p = from; p < to; p++) {
                call.widen(b + ldb * (p - from), p, j, columns);
            }
        }
        if (to - from < 4) {
            for (int p = from; p < to; p++, b += ldb) {
                for (int i = 0; i < rows; i++) {
                    GemmThinKernel.axpy(c + i * ldc, call.a(row + i, p), alpha, b, columns);
                }
            }
            return;
        }
        int i = 0;
        for (; i < rows - 1; i += 2) {
            GemmThinKernel.axpys2x4(c + i * ldc, ldc, call.a(row + i, from), aRow, aStep, alpha, b, ldb, columns);
        }
        if (i < rows) {
            GemmThinKernel.axpys1x4(c + i * ldc, call.a(row + i, from), aStep, alpha, b, ldb, columns);
        }
    }

    /// Bytes of scratch that a thread needs for updates and splits.
    static long axpysScratchBytes(GemmCall call) {
        return call.bType() == DType.F32 ? 0 : 16L * sweep(call);
    }

    /// The same product with B stored the other way, in the workspace. For a thin F32 B only.
    static GemmCall turnedB(GemmCall call, GemmJobs jobs) {
        int rows = call.tb() ? call.n() : call.k();                  // of B as stored
        int columns = call.tb() ? call.k() : call.n();
        int stride = rows + 7 & -8;
        GemmPanels.across(jobs.workspace(), stride, call.b(), call.ldb(), rows, columns, 1);
        return call.withB(jobs.workspace(), 4L * stride, !call.tb());
    }

    /// Bytes of workspace for [#turnedB].
    static long turnedBytes(GemmCall call) {
        int rows = call.tb() ? call.n() : call.k();
        int columns = call.tb() ? call.k() : call.n();
        return (4L * (rows + 7 & -8) * columns + GemmPanels.SLACK + 63) & -64L;
    }
}
