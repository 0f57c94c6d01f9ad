package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.GemmKernel.SPECIES;

import dev.lorikeet.tensor.DType;

/// Products of one row, `y ← beta·y + alpha·x·op(b)`: decoding, where every weight is read once and memory is the
/// limit. B may be F32, BF16 or I8; narrow types are widened in registers, so that a byte saved is time saved.
///
/// A core reads memory at full speed only along several streams at once, and each stream that begins costs a few cache
/// misses until the processor has recognised it. A part's rows of B are therefore cut into four runs, each followed
/// from its first row to its last: four streams that never break. (Four neighbouring rows at a time, which begin anew
/// after each row, read BF16 at two thirds of the speed.)
///
/// With rows of B along x ([#rows]) each part writes its own elements of y. With rows of B along y ([#columns]) each
/// part sums up multiples of its rows, and the sums of all parts are added in order. Parts depend on the shape only.
final class Gemv {
    private static final int STREAMS = 4;
    private static final int LANES = SPECIES.length();
    private static final int VECTOR = GemmKernel.VECTOR;

    /// Bytes of B that a part of [#rows] reads at least.
    private static final long ROWS_PART = 192 << 10;

    /// Bytes of B per part, at least, and the most parts, of [#columns]: an even number, for two threads.
    private static final long COLUMNS_PART = 96 << 10;
    private static final int COLUMNS_PARTS = 8;

    private final GemmCall call;
    private final GemmJobs jobs;
    private final DType type;

    /// Elements of a row of B that the vector loops handle; the rest one by one.
    private final int whole;

    private Gemv(GemmCall call, GemmJobs jobs) {
        this.call = call;
        this.jobs = jobs;
        this.type = call.bType();
        int length = call.tb() ? call.k() : call.n();
        this.whole = length - length % (type == DType.BF16 ? GemvKernel.BLOCK : LANES);
    }

    static boolean handles(GemmCall call) {
        return call.m() == 1 && switch (call.bType()) {
            case F32, BF16 -> true;
            case I8 -> Int8Floats.ON_VECTORS;
            default -> false;
        };
    }

    /// Runs a call whose beta is 0 or 1.
    static void run(GemmCall call, GemmJobs jobs) {
        Gemv gemv = new Gemv(call, jobs);
        gemv.prepare();
        if (call.tb()) {
            gemv.rows();
        } else {
            gemv.columns();
        }
    }

    /// Bytes of workspace for x and the sums of all parts.
    static long workspaceBytes(GemmCall call) {
        return vectorBytes(call.k()) + (call.tb() ? 0 : parts(call) * vectorBytes(call.n()));
    }

    /// Bytes of scratch that a thread needs.
    static long scratchBytes() {
        return STREAMS * VECTOR;
    }

    private static long vectorBytes(int n) {
        return (4L * n + 63) & -64L;
    }

    private static int parts(GemmCall call) {
        long most = call.ldb() * call.k() / COLUMNS_PART;
        int parts = Math.clamp(Math.min(most, call.k() / STREAMS), 1, COLUMNS_PARTS);
        return parts > 1 ? parts & -2 : parts;
    }

    /// `x ← alpha·x`, times scales along K, where the kernels want it.
    private void prepare() {
        long x = jobs.workspace();
        int k = call.k();
        if (!call.ta() && !call.scalesAlongK() && place(1) == 1) {
            VectorElementwise.scale(x, call.alpha(), call.a(0, 0), k);
            return;
        }
        for (int p = 0; p < k; p++) {
            float factor = call.scalesAlongK() ? call.alpha() * call.scale(p) : call.alpha();
            Lanes.set(x + 4L * place(p), factor * Lanes.get(call.a(0, p)));
        }
    }

    /// Where element `p` of x lies: apart if BF16 meets it lane by lane.
    private int place(int p) {
        if (type != DType.BF16 || !call.tb() || p >= whole) {
            return p;
        }
        int block = p - p % GemvKernel.BLOCK;
        int within = p % GemvKernel.BLOCK;
        return block + within / 2 + (within & 1) * LANES;
    }

    // --- rows of B along x -----------------------------------------------------------------------------------------

    private void rows() {
        int n = call.n();
        int perPart = Math.clamp(ROWS_PART / Math.max(1, call.ldb()) & -STREAMS, STREAMS, 1 << 16);
        jobs.run(Math.ceilDiv(n, perPart), call.operations(), part -> {
            int from = part * perPart;
            int to = Math.min(n, from + perPart);
            int run = (to - from) / STREAMS;
            long sums = jobs.scratch();
            for (int i = 0; i < run; i++) {
                fourRows(sums, from + i, run);
                for (int stream = 0; stream < STREAMS; stream++) {
                    finish(from + i + stream * run, sums + stream * VECTOR);
                }
            }
            for (int j = from + STREAMS * run; j < to; j++) {
                fourRows(sums, j, 0);
                finish(j, sums);
            }
        });
    }

    /// Rows `j`, `j + run`, `j + 2·run` and `j + 3·run`.
    private void fourRows(long sums, int j, int run) {
        long b = call.b(0, j);
        long step = run * call.ldb();
        switch (type) {
            case F32 -> GemvKernel.dotsF32(sums, jobs.workspace(), b, step, whole);
            case BF16 -> GemvKernel.dotsBfloat16(sums, jobs.workspace(), b, step, whole);
            default -> GemvKernel.dotsInt8(sums, jobs.workspace(), b, step, whole);
        }
    }

    private void finish(int j, long sum) {
        float total = Lanes.sum(Lanes.load(sum));
        for (int p = whole; p < call.k(); p++) {
            total = Math.fma(Lanes.get(jobs.workspace() + 4L * p), element(call.b(p, j)), total);
        }
        put(j, total);
    }

    // --- rows of B along y -----------------------------------------------------------------------------------------

    private void columns() {
        int parts = parts(call);
        int perPart = Math.ceilDiv(Math.ceilDiv(call.k(), parts), STREAMS) * STREAMS;
        long first = jobs.workspace() + vectorBytes(call.k());
        long bytes = vectorBytes(call.n());
        jobs.run(parts, call.operations(), part -> {
            long sums = first + part * bytes;
            GemmThinKernel.clear(sums, call.n());
            int from = Math.min(call.k(), part * perPart);
            int to = Math.min(call.k(), from + perPart);
            int run = (to - from) / STREAMS;
            for (int p = from; p < from + run; p++) {
                fourMultiples(sums, p, run);
            }
            for (int p = from + STREAMS * run; p < to; p++) {
                oneMultiple(sums, p);
            }
        });
        for (int part = 1; part < parts; part++) {
            GemmThinKernel.add(first, first + part * bytes, call.n());
        }
        if (type == DType.BF16) {
            GemvKernel.together(first, whole);
        }
        if (call.scalesAlongN()) {
            VectorElementwise.multiply(first, first, call.scales(), call.n());
        }
        if (call.beta() != 0) {
            GemmThinKernel.add(call.c(), first, call.n());
        } else {
            VectorMoves.copy(call.c(), first, 4L * call.n());
        }
    }

    /// Rows `p`, `p + run`, `p + 2·run` and `p + 3·run`.
    private void fourMultiples(long sums, int p, int run) {
        long x = jobs.workspace() + 4L * p;
        long b = call.b(p, 0);
        long step = run * call.ldb();
        switch (type) {
            case F32 -> GemvKernel.axpysF32(sums, x, 4L * run, b, step, whole);
            case BF16 -> GemvKernel.axpysBfloat16(sums, x, 4L * run, b, step, whole);
            default -> GemvKernel.axpysInt8(sums, x, 4L * run, b, step, whole);
        }
        for (int stream = 0; stream < STREAMS && whole < call.n(); stream++) {
            tail(sums, p + stream * run, whole);
        }
    }

    private void oneMultiple(long sums, int p) {
        float x = Lanes.get(jobs.workspace() + 4L * p);
        for (int j = 0; j < whole && type == DType.BF16; j++) {
            int within = j % GemvKernel.BLOCK;
            long at = sums + 4L * (j - within + within / 2 + (within & 1) * LANES);
            Lanes.set(at, Math.fma(x, element(call.b(p, j)), Lanes.get(at)));
        }
        tail(sums, p, type == DType.BF16 ? whole : 0);
    }

    private void tail(long sums, int p, int from) {
        float x = Lanes.get(jobs.workspace() + 4L * p);
        for (int j = from; j < call.n(); j++) {
            Lanes.set(sums + 4L * j, Math.fma(x, element(call.b(p, j)), Lanes.get(sums + 4L * j)));
        }
    }

    // --- elements --------------------------------------------------------------------------------------------------

    private float element(long address) {
        return switch (type) {
            case F32 -> Lanes.get(address);
            case BF16 -> Conversions.get(DType.BF16, address);
            default -> Int8Floats.get(address);
        };
    }

    private void put(int j, float sum) {
        float value = call.scalesAlongN() ? call.scale(j) * sum : sum;
        long c = call.c(0, j);
        Lanes.set(c, call.beta() == 0 ? value : Lanes.get(c) + value);
    }
}
