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
/// dp ← dout·vᵀ           ds ← p∘(dp − delta)      delta = Σ dout∘out = Σ p∘dp / Σ p
/// dv += pᵀ·dout          dk += dsᵀ·q              dq += ds·k
/// ```
///
/// With dropout factors `f`: `dv += (f∘p)ᵀ·dout`, `ds ← p∘(f∘dp − delta)`, `delta = Σ p∘f∘dp / Σ p`. The scale is
/// applied when `dq` and `dk` are written.
///
/// The weights sum up to 1 only as nearly as `lse` is rounded: without the division a sharp softmax would leave that
/// error, times `delta`, in `ds`.
///
/// Without `out` all tiles of a head are kept from the computation of `delta` until it is complete: nothing is computed
/// twice, and two blocks of queries and keys still leave room in a second-level cache.
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
        long kept = out == null ? (long) longest * Math.ceilDiv(heads.keys().longest(), BLOCK) : 1;
        scratch.prepare(2 * across + 3 * along + TILE + ROW + longest * blockBytes() + kept * 3 * TILE);
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

    /// Per query block: q and dout across, q, dout and dq along, a row each of `lse`, `delta` and `Σ p`.
    private long blockBytes() {
        return 2 * across + 3 * along + 3 * ROW;
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
        private final int keys;
        private final long keysAcross;
        private final long valuesAcross;
        private final long keysAlong;
        private final long dkeys;
        private final long dvalues;
        private final long transposed;
        private final long words;
        private final long queryBlocks;
        private final long tiles;

        Part(int s, int h, long memory, Tensor dq, Tensor dk, Tensor dv, float beta) {
            this.s = s;
            this.h = h;
            this.dq = dq;
            this.dk = dk;
            this.dv = dv;
            this.beta = beta;
            queries = heads.queries().length(s);
            blocks = Math.ceilDiv(queries, BLOCK);
            keys = heads.keys().length(s);
            keysAcross = memory;
            valuesAcross = keysAcross + across;
            keysAlong = valuesAcross + across;
            dkeys = keysAlong + along;
            dvalues = dkeys + along;
            transposed = dvalues + along;
            words = transposed + TILE;
            queryBlocks = words + ROW;
            tiles = queryBlocks + blocks * blockBytes();
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

        private long totals(int b) {
            return deltas(b) + ROW;
        }

        /// Where query block `b` meets the keys from `firstKey` on: scores and then weights; behind them their
        /// gradients, and dropout factors.
        private long scores(int b, int firstKey) {
            return out == null ? tiles + 3L * TILE * (firstKey / BLOCK * blocks + b) : tiles;
        }

        private boolean meets(int b, int firstKey) {
            return heads.end(s, b * BLOCK + rows(b) - 1) > firstKey;
        }

        private int rows(int b) {
            return Math.min(BLOCK, queries - b * BLOCK);
        }

        void run() {
            for (int b = 0; b < blocks; b++) {
                prepare(b, b * BLOCK, rows(b));
            }
            if (out == null) {
                weighAll();
            }
            for (int firstKey = 0; firstKey < keys; firstKey += BLOCK) {
                int n = Math.min(BLOCK, keys - firstKey);
                if (out != null) {
                    keysAcross(firstKey, n);
                }
                AttentionTiles.along(keysAlong, heads.key(k, s, firstKey, h), 4L * k.rowStride(), n, d);
                VectorElementwise.fill(dkeys, 0, BLOCK * padded);
                VectorElementwise.fill(dvalues, 0, BLOCK * padded);
                for (int b = 0; b < blocks; b++) {
                    if (meets(b, firstKey)) {
                        if (out != null) {
                            weigh(b, firstKey, n);
                        }
                        multiply(b, firstKey, n);
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

        /// All weights, their gradients and every `delta`.
        private void weighAll() {
            for (int firstKey = 0; firstKey < keys; firstKey += BLOCK) {
                int n = Math.min(BLOCK, keys - firstKey);
                keysAcross(firstKey, n);
                for (int b = 0; b < blocks; b++) {
                    if (meets(b, firstKey)) {
                        weigh(b, firstKey, n);
                    }
                }
            }
            for (int b = 0; b < blocks; b++) {
                divide(b);
            }
        }

        private void keysAcross(int firstKey, int n) {
            AttentionTiles.across(keysAcross, heads.key(k, s, firstKey, h), 4L * k.rowStride(), n, d, 1);
            AttentionTiles.across(valuesAcross, heads.key(v, s, firstKey, h), 4L * v.rowStride(), n, d, 1);
        }

        /// `dst ← beta·dst + scale·(row i of an along operand)`.
        private void write(long dst, float scale, long operand, int i) {
            if (dst != 0) {
                VectorElementwise.axpby(dst, scale, operand + 4L * i * padded, beta, d);
            }
        }

        /// Copies of query block `b`, its `lse` (in base 2), and its `delta`: 0 so far if it is to be summed up.
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
                Lanes.set(deltas(b) + 4L * i, out == null ? 0 : VectorRows.dot(
                        heads.query(dout, s, first + i, h), heads.query(out, s, first + i, h), d));
                Lanes.set(totals(b) + 4L * i, 0);
            }
        }

        /// `delta` of query block `b` from its sums; 0 for a query that sees no key.
        private void divide(int b) {
            for (int i = 0; i < rows(b); i++) {
                float total = Lanes.get(totals(b) + 4L * i);
                Lanes.set(deltas(b) + 4L * i, total == 0 ? 0 : Lanes.get(deltas(b) + 4L * i) / total);
            }
        }

        /// Weights and their gradients of query block `b` and `n` keys from `firstKey` on.
        private void weigh(int b, int firstKey, int n) {
            int first = b * BLOCK;
            int rows = rows(b);
            long scores = scores(b, firstKey);
            for (int j = 0; j < n; j += COLUMNS) {
                for (int i = 0; i < rows; i += ROWS) {
                    if (heads.end(s, first + i + ROWS - 1) > firstKey + j) {
                        long at = scores + (long) i * ROW + 4L * j;
                        GemmKernel.store(queriesAcross(b) + 4L * i, ROW, keysAcross + 4L * j, ROW, d, at, ROW);
                        GemmKernel.store(doutAcross(b) + 4L * i, ROW, valuesAcross + 4L * j, ROW, d, at + TILE, ROW);
                    }
                }
            }
            boolean drops = heads.spec().dropout() > 0;
            if (drops) {
                AttentionTiles.dropoutFactors(scores + 2 * TILE, heads.spec(), h, heads.queries().realRows(),
                        heads.queries().start(s) + first, rows, firstKey, words);
            }
            for (int i = 0; i < rows; i++) {
                int seen = Math.clamp(heads.end(s, first + i) - firstKey, 0, n);
                long at = scores + (long) i * ROW;
                if (drops) {
                    AttentionTiles.drop(at + TILE, at + 2 * TILE, n);
                }
                long delta = out == null ? deltas(b) + 4L * i : 0;
                AttentionTiles.weights(at, at + TILE, Lanes.get(denominators(b) + 4L * i), seen, n, delta,
                        totals(b) + 4L * i);
            }
        }

        /// What query block `b` and `n` keys from `firstKey` on contribute to each other's gradients.
        private void multiply(int b, int firstKey, int n) {
            int first = b * BLOCK;
            int rows = rows(b);
            long weights = scores(b, firstKey);
            long dscores = weights + TILE;
            for (int i = 0; i < rows; i++) {
                long at = (long) i * ROW;
                AttentionTiles.scoreGradients(dscores + at, weights + at, Lanes.get(deltas(b) + 4L * i), n);
                if (heads.spec().dropout() > 0) {
                    AttentionTiles.drop(weights + at, weights + 2 * TILE + at, n);
                }
            }
            if (dv != null) {
                keyProducts(dvalues, weights, doutAlong(b), first, rows, firstKey, n);
            }
            if (dk != null) {
                keyProducts(dkeys, dscores, queriesAlong(b), first, rows, firstKey, n);
            }
            if (dq != null) {
                queryProducts(b, dscores, first, rows, firstKey, n);
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
        private void queryProducts(int b, long dscores, int first, int rows, int firstKey, int n) {
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
