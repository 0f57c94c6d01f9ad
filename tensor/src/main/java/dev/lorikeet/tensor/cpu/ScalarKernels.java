package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.AdamStep;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.SgdStep;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.UnaryFunction;

/// The specification of [Kernels] in code: plain loops in the order of the formula, accumulating in double and rounding
/// once when a result is stored. Any floating-point type will do, mixed ones too. One method, one family class; nothing
/// here but the table of contents.
///
/// It is meant to be read and to be compared with, not to be fast. It allocates no tensor, but the families with sums
/// inside sums keep small arrays on the Java heap. Scratch arguments that only serve speed (`delta` of the attention,
/// `logits` of the chunked loss) are not touched.
public final class ScalarKernels implements Kernels {
    @Override
    public void fill(Tensor dst, double value) {
        ScalarMoves.fill(dst, value);
    }

    @Override
    public void copy(Tensor dst, Tensor src) {
        ScalarMoves.copy(dst, src);
    }

    @Override
    public void take(Tensor dst, Tensor src, Tensor index) {
        ScalarMoves.take(dst, src, index);
    }

    @Override
    public void takeBackward(Tensor dx, Tensor dy, Tensor index, double beta) {
        ScalarMoves.takeBackward(dx, dy, index, beta);
    }

    @Override
    public void gatherRows(Tensor dst, Tensor table, Tensor ids, double beta) {
        ScalarMoves.gatherRows(dst, table, ids, beta);
    }

    @Override
    public void scatterAddRows(Tensor dtable, Tensor dy, Tensor ids, double beta) {
        ScalarMoves.scatterAddRows(dtable, dy, ids, beta);
    }

    @Override
    public void uniform(Tensor dst, double low, double high, RandomKey key) {
        ScalarRandom.uniform(dst, low, high, key);
    }

    @Override
    public void normal(Tensor dst, double mean, double deviation, RandomKey key) {
        ScalarRandom.normal(dst, mean, deviation, key);
    }

    @Override
    public void dropout(Tensor dst, Tensor src, double p, RandomKey key, double beta) {
        ScalarRandom.dropout(dst, src, p, key, beta);
    }

    @Override
    public void axpby(Tensor dst, double alpha, Tensor src, double beta) {
        ScalarElementwise.axpby(dst, alpha, src, beta);
    }

    @Override
    public void add(Tensor dst, Tensor a, Tensor b) {
        ScalarElementwise.add(dst, a, b);
    }

    @Override
    public void multiply(Tensor dst, Tensor a, Tensor b, double beta) {
        ScalarElementwise.multiply(dst, a, b, beta);
    }

    @Override
    public void scaleBy(Tensor dst, Tensor factor, Tensor src, double beta) {
        ScalarElementwise.scaleBy(dst, factor, src, beta);
    }

    @Override
    public void addBias(Tensor dst, Tensor src, Tensor bias) {
        ScalarElementwise.addBias(dst, src, bias);
    }

    @Override
    public void map(Tensor dst, Tensor src, UnaryFunction f) {
        ScalarElementwise.map(dst, src, f);
    }

    @Override
    public void mapBackward(Tensor dx, Tensor dy, Tensor x, UnaryFunction f, double beta) {
        ScalarElementwise.mapBackward(dx, dy, x, f, beta);
    }

    @Override
    public void sum(Tensor dst, Tensor src, double alpha) {
        ScalarReductions.sum(dst, src, alpha);
    }

    @Override
    public void sumRows(Tensor dst, Tensor src, double beta) {
        ScalarReductions.sumRows(dst, src, beta);
    }

    @Override
    public double sumOfSquares(Tensor src) {
        return ScalarReductions.sumOfSquares(src);
    }

    @Override
    public void argmaxRows(Tensor dst, Tensor src) {
        ScalarReductions.argmaxRows(dst, src);
    }

    @Override
    public void gemm(Tensor c, Tensor a, boolean transposeA, Tensor b, boolean transposeB, double alpha, double beta) {
        ScalarReductions.gemm(c, a, transposeA, b, transposeB, alpha, beta);
    }

    @Override
    public void layerNorm(Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor weight, Tensor bias, double eps) {
        ScalarNorms.layerNorm(y, mean, rstd, x, weight, bias, eps);
    }

    @Override
    public void layerNormBackward(Tensor dx, Tensor dy, Tensor x, Tensor mean, Tensor rstd, Tensor weight,
            double beta) {
        ScalarNorms.layerNormBackward(dx, dy, x, mean, rstd, weight, beta);
    }

    @Override
    public void layerNormWeightBackward(Tensor dweight, Tensor dy, Tensor x, Tensor mean, Tensor rstd, double beta) {
        ScalarNorms.layerNormWeightBackward(dweight, dy, x, mean, rstd, beta);
    }

    @Override
    public void softmax(Tensor y, Tensor x, int visible) {
        ScalarNorms.softmax(y, x, visible);
    }

    @Override
    public void softmaxBackward(Tensor dx, Tensor dy, Tensor y, double beta) {
        ScalarNorms.softmaxBackward(dx, dy, y, beta);
    }

    @Override
    public void attention(Tensor out, Tensor lse, Tensor q, Tensor k, Tensor v, Sequences queries,
            Sequences keys, AttentionSpec spec) {
        new ScalarAttention(q, k, v, queries, keys, spec).forward(out, lse);
    }

    @Override
    public void attentionBackward(Tensor dq, Tensor dk, Tensor dv, Tensor delta, Tensor dout, Tensor out,
            Tensor lse, Tensor q, Tensor k, Tensor v, Sequences queries, Sequences keys, AttentionSpec spec,
            double beta) {
        new ScalarAttention(q, k, v, queries, keys, spec).backward(dq, dk, dv, dout, out, lse, beta);
    }

    @Override
    public void crossEntropy(Tensor nll, Tensor lse, Tensor logits, Tensor labels, double smoothing) {
        ScalarLosses.crossEntropy(nll, lse, logits, labels, smoothing);
    }

    @Override
    public void crossEntropyBackward(Tensor dlogits, Tensor dnll, Tensor logits, Tensor lse, Tensor labels,
            double smoothing, double beta) {
        ScalarLosses.crossEntropyBackward(dlogits, dnll, logits, lse, labels, smoothing, beta);
    }

    @Override
    public void linearCrossEntropy(Tensor nll, Tensor lse, Tensor dx, Tensor x, Tensor w, Tensor labels,
            double smoothing, double scale, Tensor logits) {
        ScalarLosses.linearCrossEntropy(nll, lse, dx, x, w, labels, smoothing, scale);
    }

    @Override
    public void linearCrossEntropyWeightBackward(Tensor dw, Tensor factor, Tensor x, Tensor w, Tensor lse,
            Tensor labels, double smoothing, double scale, Tensor logits, double beta) {
        ScalarLosses.linearCrossEntropyWeightBackward(dw, factor, x, w, lse, labels, smoothing, scale, beta);
    }

    @Override
    public void adam(Tensor p, Tensor g, Tensor m, Tensor v, Tensor vMax, AdamStep step) {
        ScalarOptimizers.adam(p, g, m, v, vMax, step);
    }

    @Override
    public void sgd(Tensor p, Tensor g, Tensor momentum, SgdStep step) {
        ScalarOptimizers.sgd(p, g, momentum, step);
    }
}
