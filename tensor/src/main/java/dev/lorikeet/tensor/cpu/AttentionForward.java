package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.AttentionTiles.BLOCK;
import static dev.lorikeet.tensor.cpu.AttentionTiles.ROW;
import static dev.lorikeet.tensor.cpu.AttentionTiles.TILE;
import static dev.lorikeet.tensor.cpu.GemmKernel.COLUMNS;
import static dev.lorikeet.tensor.cpu.GemmKernel.ROWS;
import static dev.lorikeet.tensor.cpu.Lanes.LANES;

import dev.lorikeet.tensor.Tensor;

/// `out = softmax(scale·q·kᵀ + mask)·v` without the matrix of scores (Dao et al., *FlashAttention*, 2022, algorithm 1;
/// Milakov and Gimelshein, *Online normalizer calculation for softmax*, 2018).
///
/// A part of the job is one head of up to [#GROUP] blocks of queries of one sequence. It walks over blocks of keys;
/// each is copied once and meets all of the part's query blocks:
///
/// ```text
/// sᵀ ← k·qᵀ                     keys in rows: queries are lanes, so that maximum and sum need no shuffles,
/// m′ ← max(m, max s)            and sᵀ is laid out as the micro-kernel wants the left operand of p·v
/// p  ← 2^(s − m′)               scores are in base 2: log₂e is part of the scale
/// l  ← 2^(m − m′)·l + Σ p       o ← 2^(m − m′)·o + p·v
/// ```
///
/// Above the diagonal nothing is computed, down to register tiles of 6 keys by 16 queries.
final class AttentionForward {
    /// Query blocks of a part: more would reuse copied keys more often, but leave fewer parts to share.
    private static final int GROUP = 4;
    /// Below every score, and finite: −∞ − (−∞) would be NaN.
    private static final float NO_SCORE = -3e38f;
    /// Fewer queries go one by one.
    private static final int FEW = 2;

    private final AttentionHeads heads;
    private final Scratch scratch;
    private final Tensor out;
    private final Tensor lse;
    private final Tensor q;
    private final Tensor k;
    private final Tensor v;
    private final int d;
    private final int padded;

    AttentionForward(AttentionHeads heads, Scratch scratch, Tensor out, Tensor lse, Tensor q, Tensor k, Tensor v) {
        this.heads = heads;
        this.scratch = scratch;
        this.out = out;
        this.lse = lse;
        this.q = q;
        this.k = k;
        this.v = v;
        this.d = heads.d();
        this.padded = AttentionTiles.padded(d);
    }

    void run(Spans spans) {
        scratch.prepare(Math.max(bytes(), 4L * heads.keys().longest()));
        int count = heads.queries().count();
        int[] ends = new int[count];   // parts of sequences 0 … s, one head
        for (int s = 0, end = 0; s < count; s++) {
            end += Math.ceilDiv(heads.queries().length(s), GROUP * BLOCK);
            ends[s] = end;
        }
        int groups = count == 0 ? 0 : ends[count - 1];
        int H = heads.spec().heads();
        // The last group of a causal sequence has most work: backwards, the long parts come first.
        spans.parts(groups * H, heads.work(), part -> {
            int group = groups - 1 - part / H;
            int s = 0;
            while (ends[s] <= group) {
                s++;
            }
            int from = (group - (s == 0 ? 0 : ends[s - 1])) * GROUP * BLOCK;
            long memory = scratch.borrow();
            try {
                part(s, part % H, from, Math.min(heads.queries().length(s), from + GROUP * BLOCK), memory);
            } finally {
                scratch.giveBack(memory);
            }
        });
    }

    private void part(int s, int h, int from, int to, long memory) {
        if (to - from <= FEW && heads.spec().dropout() == 0) {
            for (int i = from; i < to; i++) {
                single(s, h, i, memory);
            }
        } else {
            new Part(s, h, from, to, memory).run();
        }
    }

    private void single(int s, int h, int i, long memory) {
        int n = heads.visible(s, i);
        long dst = heads.query(out, s, i, h);
        float denominator = Float.NEGATIVE_INFINITY;
        if (n == 0) {
            VectorElementwise.fill(dst, 0, d);
        } else {
            denominator = AttentionRow.run(dst, heads.query(q, s, i, h), heads.key(k, s, 0, h), 4L * k.rowStride(),
                    heads.key(v, s, 0, h), 4L * v.rowStride(), n, d, (float) heads.spec().scale(), memory);
        }
        setLse(s, h, i, denominator);
    }

    private void setLse(int s, int h, int i, float value) {
        if (lse != null) {
            Lanes.set(Lanes.at(lse, heads.queries().start(s) + i, h), value);
        }
    }

    /// Scratch of a part; the order is that of the fields of [Part].
    private long bytes() {
        return AttentionTiles.acrossBytes(d) + AttentionTiles.alongBytes(d) + 3 * TILE + ROW
                + GROUP * (AttentionTiles.acrossBytes(d) + AttentionTiles.alongBytes(d) + 3 * ROW);
    }

    /// Queries `from … to − 1` of sequence `s`, head `h`.
    private final class Part {
        private final int s;
        private final int h;
        private final int from;
        private final int to;
        private final long keysAcross;
        private final long values;
        private final long scores;
        private final long factors;
        private final long words;
        private final long blocks;

        Part(int s, int h, int from, int to, long memory) {
            this.s = s;
            this.h = h;
            this.from = from;
            this.to = to;
            keysAcross = memory;
            values = keysAcross + AttentionTiles.acrossBytes(d);
            scores = values + AttentionTiles.alongBytes(d);
            factors = scores + TILE;
            words = factors + 2 * TILE;
            blocks = words + ROW;
        }

        // Per query block: queries across, outputs, then three rows: largest score, sum, factor of the last rescaling.
        private long block(int b) {
            return blocks + b * (AttentionTiles.acrossBytes(d) + AttentionTiles.alongBytes(d) + 3 * ROW);
        }

        private long outputs(int b) {
            return block(b) + AttentionTiles.acrossBytes(d);
        }

        private long largest(int b) {
            return outputs(b) + AttentionTiles.alongBytes(d);
        }

        void run() {
            int count = Math.ceilDiv(to - from, BLOCK);
            for (int b = 0; b < count; b++) {
                int first = from + b * BLOCK;
                AttentionTiles.across(block(b), heads.query(q, s, first, h), 4L * q.rowStride(), to - first, d,
                        (float) (heads.spec().scale() / Math.log(2)));
                VectorElementwise.fill(outputs(b), 0, BLOCK * padded);
                VectorElementwise.fill(largest(b), NO_SCORE, BLOCK);
                VectorElementwise.fill(largest(b) + ROW, 0, BLOCK);
            }
            int keys = heads.visible(s, to - 1);
            for (int firstKey = 0; firstKey < keys; firstKey += BLOCK) {
                int n = Math.min(BLOCK, keys - firstKey);
                AttentionTiles.across(keysAcross, heads.key(k, s, firstKey, h), 4L * k.rowStride(), n, d, 1);
                AttentionTiles.along(values, heads.key(v, s, firstKey, h), 4L * v.rowStride(), n, d);
                for (int b = 0; b < count; b++) {
                    int first = from + b * BLOCK;
                    int rows = Math.min(BLOCK, to - first);
                    if (heads.end(s, first + rows - 1) > firstKey) {
                        meet(b, first, rows, firstKey, n);
                    }
                }
            }
            for (int b = 0; b < count; b++) {
                finish(b, from + b * BLOCK, Math.min(BLOCK, to - from - b * BLOCK));
            }
        }

        /// Query block `b` (`rows` queries from `first` on) and `n` keys from `firstKey` on.
        private void meet(int b, int first, int rows, int firstKey, int n) {
            for (int j = 0; j < rows; j += COLUMNS) {
                int seen = Math.min(n, heads.end(s, first + j + COLUMNS - 1) - firstKey);
                for (int i = 0; i < seen; i += ROWS) {
                    GemmKernel.store(keysAcross + 4L * i, ROW, block(b) + 4L * j, ROW, d,
                            scores + (long) i * ROW + 4L * j, ROW);
                }
            }
            for (int j = 0; j < rows; j += LANES) {
                softmax(b, j, first, firstKey, n);
            }
            if (heads.spec().dropout() > 0) {
                drop(first, rows, firstKey, n);
            }
            for (int i = 0; i < rows; i++) {
                float factor = Lanes.get(largest(b) + 2 * ROW + 4L * i);
                if (factor != 1) {
                    long row = outputs(b) + 4L * i * padded;
                    VectorElementwise.scale(row, factor, row, padded);
                }
            }
            for (int i = 0; i < rows; i += ROWS) {
                int seen = Math.min(n, heads.end(s, first + i + ROWS - 1) - firstKey);
                for (int c = 0; c < padded && seen > 0; c += COLUMNS) {
                    GemmKernel.add(scores + 4L * i, ROW, values + 4L * c, 4L * padded, seen,
                            outputs(b) + 4L * (i * padded + c), 4L * padded);
                }
            }
        }

        /// One vector of queries, from column `j` on.
        private void softmax(int b, int j, int first, int firstKey, int n) {
            long column = scores + 4L * j;
            long max = largest(b) + 4L * j;
            long sum = max + ROW;
            long factor = sum + ROW;
            int allSee = heads.end(s, first + j) - firstKey;
            int someSee = Math.clamp(heads.end(s, first + j + LANES - 1) - firstKey, 0, n);
            if (allSee < someSee) {
                AttentionTiles.maskColumns(column, Math.max(allSee, 0), someSee, allSee);
            }
            Lanes.store(Lanes.load(max), factor);
            AttentionTiles.maxColumns(column, someSee, max);
            AttentionTiles.rescale(factor, factor, max, sum);
            AttentionTiles.expColumns(column, someSee, max, sum);
            // A register tile of p·v may begin in this vector and end in the next one, which sees more keys.
            AttentionTiles.clearColumns(column, someSee, Math.min(n, someSee + ROWS));
        }

        /// Multiplies the tile by dropout factors; the sum of the softmax has been taken before.
        private void drop(int first, int rows, int firstKey, int n) {
            int batchRow = heads.queries().start(s) + first;
            AttentionTiles.dropoutFactors(
                    factors, heads.spec(), h, heads.queries().realRows(), batchRow, rows, firstKey, words);
            long transposed = factors + TILE;
            AttentionTiles.across(transposed, factors, ROW, rows, BLOCK, 1);
            VectorElementwise.multiply(scores, scores, transposed, n * BLOCK);
        }

        private void finish(int b, int first, int rows) {
            for (int i = 0; i < rows; i++) {
                float sum = Lanes.get(largest(b) + ROW + 4L * i);
                boolean blind = heads.visible(s, first + i) == 0;
                VectorElementwise.scale(heads.query(out, s, first + i, h), blind ? 0 : 1 / sum,
                        outputs(b) + 4L * i * padded, d);
                double base2 = Lanes.get(largest(b) + 4L * i);
                double denominator = base2 * Math.log(2) + Math.log(sum);
                setLse(s, h, first + i, blind ? Float.NEGATIVE_INFINITY : (float) denominator);
            }
        }
    }
}
