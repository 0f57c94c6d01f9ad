package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Philox;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Tensor;

/// Scaled dot-product attention over ragged sequences (Vaswani et al., 2017, section 3.2.1), one query at a time.
///
/// With `sⱼ = scale·q·kⱼ`, `lse = ln Σ exp sⱼ`, `pⱼ = exp(sⱼ − lse)` and dropout mask `mⱼ` (0 or 1/(1 − dropout)):
///
/// ```text
/// out = Σⱼ mⱼ·pⱼ·vⱼ
/// dvⱼ += mⱼ·pⱼ·dout          dsⱼ = pⱼ·(mⱼ·dout·vⱼ − dout·out)
/// dq  = scale·Σⱼ dsⱼ·kⱼ      dkⱼ += scale·dsⱼ·q
/// ```
///
/// Where `out` is not at hand: `dout·out = Σⱼ mⱼ·pⱼ·dout·vⱼ`.
final class ScalarAttention {
    private final Elements q;
    private final Elements k;
    private final Elements v;
    private final Sequences queries;
    private final Sequences keys;
    private final AttentionSpec spec;
    private final int headSize;
    private final double[] scores;

    ScalarAttention(Tensor q, Tensor k, Tensor v, Sequences queries, Sequences keys, AttentionSpec spec) {
        this.q = Elements.of(q);
        this.k = Elements.of(k);
        this.v = Elements.of(v);
        this.queries = queries;
        this.keys = keys;
        this.spec = spec;
        this.headSize = q.cols() / spec.heads();
        this.scores = new double[keys.longest()];
    }

    void forward(Tensor out, Tensor lse) {
        Elements o = Elements.of(out);
        Elements l = lse == null ? null : Elements.of(lse);
        for (int s = 0; s < queries.count(); s++) {
            for (int h = 0; h < spec.heads(); h++) {
                for (int i = 0; i < queries.length(s); i++) {
                    double normaliser = query(o, s, h, i);
                    if (l != null) {
                        l.set(queries.start(s) + i, h, normaliser);
                    }
                }
            }
        }
    }

    /// Query `i` of sequence `s` in head `h`: writes its output, returns its `lse`.
    private double query(Elements out, int s, int h, int i) {
        int row = queries.start(s) + i;
        int visible = visible(s, i);
        double largest = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < visible; j++) {
            scores[j] = score(row, keys.start(s) + j, h);
            largest = Math.max(largest, scores[j]);
        }
        double sum = 0;
        for (int j = 0; j < visible; j++) {
            sum += Math.exp(scores[j] - largest);
        }
        double lse = largest + Math.log(sum);
        for (int j = 0; j < visible; j++) {
            scores[j] = mask(h, row, j) * Math.exp(scores[j] - lse);
        }
        for (int c = h * headSize; c < (h + 1) * headSize; c++) {
            double value = 0;
            for (int j = 0; j < visible; j++) {
                value += scores[j] * v.get(keys.start(s) + j, c);
            }
            out.set(row, c, value);
        }
        return lse;
    }

    void backward(Tensor dq, Tensor dk, Tensor dv, Tensor dout, Tensor out, Tensor lse, double beta) {
        Elements gq = dq == null ? null : Elements.of(dq);
        Elements gk = dk == null ? null : Elements.of(dk);
        Elements gv = dv == null ? null : Elements.of(dv);
        Elements go = Elements.of(dout);
        Elements o = out == null ? null : Elements.of(out);
        Elements l = Elements.of(lse);
        for (int s = 0; s < queries.count(); s++) {
            for (int h = 0; h < spec.heads(); h++) {
                double[] sumK = new double[keys.length(s) * headSize];
                double[] sumV = new double[keys.length(s) * headSize];
                for (int i = 0; i < queries.length(s); i++) {
                    queryBackward(gq, sumK, sumV, go, o, l, s, h, i, beta);
                }
                blend(gk, sumK, keys.start(s), h, beta);
                blend(gv, sumV, keys.start(s), h, beta);
            }
        }
    }

    private void queryBackward(Elements dq, double[] dk, double[] dv, Elements dout, Elements out, Elements lse, int s,
            int h, int i, double beta) {
        int row = queries.start(s) + i;
        int firstCol = h * headSize;
        double[] sumQ = new double[headSize];
        double delta = out == null ? delta(dout, lse, s, h, i) : dot(dout, row, out, row, h);
        for (int j = 0; j < visible(s, i); j++) {
            int key = keys.start(s) + j;
            double mask = mask(h, row, j);
            double p = Math.exp(score(row, key, h) - lse.get(row, h));
            double ds = p * (mask * dot(dout, row, v, key, h) - delta);
            for (int c = 0; c < headSize; c++) {
                sumQ[c] += spec.scale() * ds * k.get(key, firstCol + c);
                dk[j * headSize + c] += spec.scale() * ds * q.get(row, firstCol + c);
                dv[j * headSize + c] += mask * p * dout.get(row, firstCol + c);
            }
        }
        blend(dq, sumQ, row, h, beta);
    }

    /// `dout·out` of query `i`, the mean of `f∘dp` with the weights p: those sum up to 1 only as nearly as `lse` is
    /// rounded, so they are divided by their sum.
    private double delta(Elements dout, Elements lse, int s, int h, int i) {
        int row = queries.start(s) + i;
        double sum = 0;
        double total = 0;
        for (int j = 0; j < visible(s, i); j++) {
            int key = keys.start(s) + j;
            double p = Math.exp(score(row, key, h) - lse.get(row, h));
            sum += mask(h, row, j) * p * dot(dout, row, v, key, h);
            total += p;
        }
        return total == 0 ? 0 : sum / total;
    }

    /// `dst ← beta·dst + sums` for the columns of head `h`, from row `firstRow` on.
    private void blend(Elements dst, double[] sums, int firstRow, int h, double beta) {
        for (int n = 0; n < sums.length && dst != null; n++) {
            dst.blend(firstRow + n / headSize, h * headSize + n % headSize, beta, sums[n]);
        }
    }

    /// How many keys query `i` of sequence `s` sees.
    private int visible(int s, int i) {
        int all = keys.length(s);
        return spec.causal() ? Math.clamp((long) i + all - queries.length(s) + 1, 0, all) : all;
    }

    private double score(int queryRow, int keyRow, int h) {
        return spec.scale() * dot(q, queryRow, k, keyRow, h);
    }

    private double dot(Elements a, int rowA, Elements b, int rowB, int h) {
        double sum = 0;
        for (int c = h * headSize; c < (h + 1) * headSize; c++) {
            sum += a.get(rowA, c) * b.get(rowB, c);
        }
        return sum;
    }

    private double mask(int h, int queryRow, int j) {
        if (spec.dropout() == 0) {
            return 1;
        }
        long element = ((long) h * queries.realRows() + queryRow << 20) + j;
        long word = Integer.toUnsignedLong(Philox.word(spec.key(), element));
        return word >= Philox.keepThreshold(spec.dropout()) ? 1 / (1 - spec.dropout()) : 0;
    }
}
