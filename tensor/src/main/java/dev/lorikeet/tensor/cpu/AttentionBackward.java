package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.AttentionTiles.BLOCK;
import static dev.lorikeet.tensor.cpu.AttentionTiles.ROW;
import static dev.lorikeet.tensor.cpu.AttentionTiles.TILE;
import static dev.lorikeet.tensor.cpu.GemmKernel.COLUMNS;
import static dev.lorikeet.tensor.cpu.GemmKernel.ROWS;

import dev.lorikeet.tensor.Tensor;

/// Gradients of [AttentionForward] (Dao et al., 2022, algorithm 4): the weights are computed again from `lse`.
///
/// A part of the job is one head of one sequence, so that no two parts write to the same row and the order of every sum
/// is fixed. Queries are copied into all their layouts once; then each block of keys meets every block of queries:
///
/// ```text
/// s  ← q·kᵀ              p ← 2^(s − lse)          queries in rows, keys in lanes
/// dp ← dout·vᵀ           ds ← p∘(dp − delta)      delta = Σ dout∘out
/// dv += pᵀ·dout          dk += dsᵀ·q              dq += ds·k
/// ```
///
/// With dropout factors `f`: `dv += (f∘p)ᵀ·dout`, `ds ← p∘(f∘dp − delta)`. The scale is applied when `dq` and `dk` are
/// written.
final class AttentionBackward {
    private final AttentionHeads heads;
    private final Scratch scratch;
    private final Tensor dout;
    private final Tensor out;
    private final Tensor lse;
    private final Tensor q;
    private final Tensor k;
    private final Tensor v;
    private final int d;
    private final int padded;
    private final long across;
    private final long along;

    AttentionBackward(AttentionHeads heads, Scratch scratch, Tensor dout, Tensor out, Tensor lse, Tensor q, Tensor k,
            Tensor v) {
        this.heads = heads;
        this.scratch = scratch;
        this.dout = dout;
        this.out = out;
        this.lse = lse;
        this.q = q;
        this.k = k;
        this.v = v;
        this.d = heads.d();
        this.padded = AttentionTiles.padded(d);
        this.across = AttentionTiles.acrossBytes(d);
        this.along = AttentionTiles.alongBytes(d);
    }

    /// `d· ← beta·d· + …` for those of `dq`, `dk`, `dv` that are not null.
    void run(Spans spans, Tensor dq, Tensor dk, Tensor dv, float beta) {
        int longest = Math.ceilDiv(heads.queries().longest(), BLOCK);
        scratch.prepare(2 * across + 3 * along + 4 * TILE + ROW + longest * blockBytes());
        int H = heads.spec().heads();
        spans.parts(heads.queries().count() * H, heads.work(), part -> {
            long memory = scratch.borrow();
            try {
                new Part(part / H, part % H, memory, dq, dk, dv, beta).run();
            } finally {
                scratch.giveBack(memory);
            }
        });
    }

    /// Per query block: q and dout across, q, dout and dq along, a row of `lse` and a row of `delta`.
    private long blockBytes() {
        return 2 * across + 3 * along + 2 * ROW;
    }

    /// Head `h` of sequence `s`.
    private final class Part {
        private final int s;
        private final int h;
        private final Tensor dq;
        private final Tensor dk;
        private final Tensor dv;
        private final float beta;
        private final int queries;
        private final int blocks;
        private final long keysAcross;
        private final long valuesAcross;
        private final long keysAlong;
        private final long dkeys;
        private final long dvalues;
        private final long scores;
        private final long dscores;
        private final long transposed;
        private final long factors;
        private final long words;
        private final long queryBlocks;

        Part(int s, int h, long memory, Tensor dq, Tensor dk, Tensor dv, float beta) {
            this.s = s;
            this.h = h;
            this.dq = dq;
            this.dk = dk;
            this.dv = dv;
            this.beta = beta;
            queries = heads.queries().length(s);
            blocks = Math.ceilDiv(queries, BLOCK);
            keysAcross = memory;
            valuesAcross = keysAcross + across;
            keysAlong = valuesAcross + across;
            dkeys = keysAlong + along;
            dvalues = dkeys + along;
            scores = dvalues + along;
            dscores = scores + TILE;
            transposed = dscores + TILE;
            factors = transposed + TILE;
            words = factors + TILE;
            queryBlocks = words + ROW;
        }

        private long queriesAcross(int b) {
            return queryBlocks + b * blockBytes();
        }

        private long doutAcross(int b) {
            return queriesAcross(b) + across;
        }

        private long queriesAlong(int b) {
            return doutAcross(b) + across;
        }

        private long doutAlong(int b) {
            return queriesAlong(b) + along;
        }

        private long dqueries(int b) {
            return doutAlong(b) + along;
        }

        private long denominators(int b) {
            return dqueries(b) + along;
        }

        private long deltas(int b) {
            return denominators(b) + ROW;
        }

        private int rows(int b) {
            return Math.min(BLOCK, queries - b * BLOCK);
        }

        void run() {
            for (int b = 0; b < blocks; b++) {
                prepare(b, b * BLOCK, rows(b));
            }
            int keys = heads.keys().length(s);
            for (int firstKey = 0; firstKey < keys; firstKey += BLOCK) {
                int n = Math.min(BLOCK, keys - firstKey);
                AttentionTiles.across(keysAcross, heads.key(k, s, firstKey, h), 4L * k.rowStride(), n, d, 1);
                AttentionTiles.across(valuesAcross, heads.key(v, s, firstKey, h), 4L * v.rowStride(), n, d, 1);
                AttentionTiles.along(keysAlong, heads.key(k, s, firstKey, h), 4L * k.rowStride(), n, d);
                VectorElementwise.fill(dkeys, 0, BLOCK * padded);
                VectorElementwise.fill(dvalues, 0, BLOCK * padded);
                for (int b = 0; b < blocks; b++) {
                    if (heads.end(s, b * BLOCK + rows(b) - 1) > firstKey) {
                        meet(b, b * BLOCK, rows(b), firstKey, n);
                    }
                }
                float scale = (float) heads.spec().scale();
                for (int j = 0; j < n; j++) {
                    write(dk == null ? 0 : heads.key(dk, s, firstKey + j, h), scale, dkeys, j);
                    write(dv == null ? 0 : heads.key(dv, s, firstKey + j, h), 1, dvalues, j);
                }
            }
            for (int i = 0; i < queries && dq != null; i++) {
                write(heads.query(dq, s, i, h), (float) heads.spec().scale(), dqueries(i / BLOCK), i % BLOCK);
            }
        }

        /// `dst ← beta·dst + scale·(row i of an along operand)`.
        private void write(long dst, float scale, long operand, int i) {
            if (dst != 0) {
                VectorElementwise.axpby(dst, scale, operand + 4L * i * padded, beta, d);
            }
        }

        /// Copies of query block `b`, and its `delta` and `lse` (in base 2).
        private void prepare(int b, int first, int rows) {
            long rowQ = heads.query(q, s, first, h);
            long rowG = heads.query(dout, s, first, h);
            AttentionTiles.across(queriesAcross(b), rowQ, 4L * q.rowStride(), rows, d,
                    (float) (heads.spec().scale() / Math.log(2)));
            AttentionTiles.across(doutAcross(b), rowG, 4L * dout.rowStride(), rows, d, 1);
            AttentionTiles.along(queriesAlong(b), rowQ, 4L * q.rowStride(), rows, d);
            AttentionTiles.along(doutAlong(b), rowG, 4L * dout.rowStride(), rows, d);
            VectorElementwise.fill(dqueries(b), 0, BLOCK * padded);
            for (int i = 0; i < rows; i++) {
                float l = Lanes.get(Lanes.at(lse, heads.queries().start(s) + first + i, h));
                Lanes.set(denominators(b) + 4L * i, l * AttentionTiles.LOG2_E);
                Lanes.set(deltas(b) + 4L * i, VectorRows.dot(
                        heads.query(dout, s, first + i, h), heads.query(out, s, first + i, h), d));
            }
        }

        /// Query block `b` (`rows` queries from `first` on) and `n` keys from `firstKey` on.
        private void meet(int b, int first, int rows, int firstKey, int n) {
            for (int j = 0; j < n; j += COLUMNS) {
                for (int i = 0; i < rows; i += ROWS) {
                    if (heads.end(s, first + i + ROWS - 1) > firstKey + j) {
                        long at = (long) i * ROW + 4L * j;
                        GemmKernel.store(queriesAcross(b) + 4L * i, ROW, keysAcross + 4L * j, ROW, d, scores + at, ROW);
                        GemmKernel.store(doutAcross(b) + 4L * i, ROW, valuesAcross + 4L * j, ROW, d, dscores + at, ROW);
                    }
                }
            }
            softmax(b, first, rows, firstKey, n);
            if (dv != null) {
                keyProducts(dvalues, scores, doutAlong(b), first, rows, firstKey, n);
            }
            if (dk != null) {
                keyProducts(dkeys, dscores, queriesAlong(b), first, rows, firstKey, n);
            }
            if (dq != null) {
                queryProducts(b, first, rows, firstKey, n);
            }
        }

        private void softmax(int b, int first, int rows, int firstKey, int n) {
            boolean drops = heads.spec().dropout() > 0;
            if (drops) {
                AttentionTiles.dropoutFactors(factors, heads.spec(), h, heads.queries().rows(),
                        heads.queries().start(s) + first, rows, firstKey, words);
            }
            for (int i = 0; i < rows; i++) {
                int seen = Math.clamp(heads.end(s, first + i) - firstKey, 0, n);
                float l = Lanes.get(denominators(b) + 4L * i);
                float delta = Lanes.get(deltas(b) + 4L * i);
                long at = (long) i * ROW;
                if (drops) {
                    AttentionTiles.gradientRow(scores + at, dscores + at, factors + at, l, delta, seen, n);
                } else {
                    AttentionTiles.gradientRow(scores + at, dscores + at, l, delta, seen, n);
                }
            }
        }

        /// `dst (keys, padded) += tileᵀ·operand`, each group of keys from the first query on that sees one of them.
        private void keyProducts(long dst, long tile, long operand, int first, int rows, int firstKey, int n) {
            for (int j = 0; j < n; j += ROWS) {
                int before = Math.clamp(firstKey + j - heads.end(s, first) + 1, 0, rows);
                for (int c = 0; c < padded; c += COLUMNS) {
                    GemmKernel.add(tile + (long) before * ROW + 4L * j, ROW,
                            operand + 4L * (before * padded + c), 4L * padded, rows - before,
                            dst + 4L * (j * padded + c), 4L * padded);
                }
            }
        }

        /// `dq (queries, padded) += ds·k`; needs `ds` with keys in rows.
        private void queryProducts(int b, int first, int rows, int firstKey, int n) {
            AttentionTiles.across(transposed, dscores, ROW, rows, n, 1);
            for (int i = 0; i < rows; i += ROWS) {
                int seen = Math.min(n, heads.end(s, first + i + ROWS - 1) - firstKey);
                for (int c = 0; c < padded && seen > 0; c += COLUMNS) {
                    GemmKernel.add(transposed + 4L * i, ROW, keysAlong + 4L * c, 4L * padded, seen,
                            dqueries(b) + 4L * (i * padded + c), 4L * padded);
                }
            }
        }
    }
}
