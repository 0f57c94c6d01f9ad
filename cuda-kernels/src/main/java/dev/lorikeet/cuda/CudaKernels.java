package dev.lorikeet.cuda;

import dev.lorikeet.tensor.AdamStep;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.SgdStep;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.List;

/// The arithmetic of a CUDA device: the table of contents. One family class for each `.cu` file says which kernel is
/// launched over which grid; the formulas stand in the `.cu` files.
final class CudaKernels implements Kernels {
    private final Stream stream;
    private final Elementwise elementwise;
    private final Moves moves;
    private final RandomNumbers random;
    private final Reductions reductions;
    private final Products products;
    private final Norms norms;
    private final Attention attention;
    private final Losses losses;
    private final Optimizers optimizers;

    CudaKernels(Stream stream, MathMode mode, DeltaProducts deltas) {
        this.stream = stream;
        this.elementwise = new Elementwise(stream);
        this.moves = new Moves(stream, elementwise);
        this.random = new RandomNumbers(stream);
        this.reductions = new Reductions(stream);
        this.products = new Products(stream, moves, elementwise, mode, deltas);
        this.norms = new Norms(stream);
        this.attention = new Attention(stream, mode);
        this.losses = new Losses(stream, products, elementwise);
        this.optimizers = new Optimizers(stream);
    }

    /// Bytes that kernels keep for themselves.
    long workspaceBytes() {
        return stream.scratchBytes() + attention.bytes();
    }

    @Override
    public void fill(Tensor dst, double value) {
        moves.fill(dst, value);
    }

    @Override
    public void copy(Tensor dst, Tensor src) {
        moves.copy(dst, src);
    }

    @Override
    public void take(Tensor dst, Tensor src, Tensor index) {
        moves.take(dst, src, index);
    }

    @Override
    public void takeBackward(Tensor dx, Tensor dy, Tensor index, double beta) {
        moves.takeBackward(dx, dy, index, beta);
    }

    @Override
    public void gatherRows(Tensor dst, Tensor table, Tensor ids, double beta) {
        moves.gatherRows(dst, table, ids, beta);
    }

    @Override
    public void scatterAddRows(Tensor dtable, Tensor dy, Tensor ids, double beta) {
        moves.scatterAddRows(dtable, dy, ids, beta);
    }

    @Override
    public void uniform(Tensor dst, double low, double high, RandomKey key) {
        random.uniform(dst, low, high, key);
    }

    @Override
    public void normal(Tensor dst, double mean, double deviation, RandomKey key) {
        random.normal(dst, mean, deviation, key);
    }

    @Override
    public void dropout(Tensor dst, Tensor src, double p, RandomKey key, double beta) {
        random.dropout(dst, src, p, key, beta);
    }

    @Override
    public void axpby(Tensor dst, double alpha, Tensor src, double beta) {
        elementwise.axpby(dst, alpha, src, beta);
    }

    @Override
    public void add(Tensor dst, Tensor a, Tensor b) {
        elementwise.add(dst, a, b);
    }

    @Override
    public void multiply(Tensor dst, Tensor a, Tensor b, double beta) {
        elementwise.multiply(dst, a, b, beta);
    }

    @Override
    public void scaleBy(Tensor dst, Tensor factor, Tensor src, double beta) {
        elementwise.scaleBy(dst, factor, src, beta);
    }

    @Override
    public void addBias(Tensor dst, Tensor src, Tensor bias) {
        elementwise.addBias(dst, src, bias);
    }

    @Override
    public void map(Tensor dst, Tensor src, UnaryFunction f) {
        elementwise.map(dst, src, f);
    }

    @Override
    public void mapBackward(Tensor dx, Tensor dy, Tensor x, UnaryFunction f, double beta) {
        elementwise.mapBackward(dx, dy, x, f, beta);
    }

    @Override
    public void sum(Tensor dst, Tensor src, double alpha) {
        reductions.sum(dst, src, alpha);
    }

    @Override
    public void sumRows(Tensor dst, Tensor src, double beta) {
        reductions.sumRows(dst, src, beta);
    }

    @Override
    public double sumOfSquares(Tensor src) {
        return reductions.sumOfSquares(List.of(src));
    }

    @Override
    public double sumOfSquares(List<Tensor> all) {
        return reductions.sumOfSquares(all);
    }

    @Override
    public void argmaxRows(Tensor dst, Tensor src) {
        reductions.argmaxRows(dst, src);
    }

    @Override
    public void gemm(Tensor c, Tensor a, boolean transposeA, Tensor b, boolean transposeB, double alpha, double beta) {
        products.gemm(c, a, transposeA, b, transposeB, alpha, beta);
    }

    @Override
    public void layerNorm(Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor weight, Tensor bias, double eps) {
        norms.layerNorm(y, mean, rstd, x, weight, bias, eps);
    }

    @Override
    public void layerNormBackward(Tensor dx, Tensor dy, Tensor x, Tensor mean, Tensor rstd, Tensor weight,
            double beta) {
        norms.layerNormBackward(dx, dy, x, mean, rstd, weight, beta);
    }

    @Override
    public void layerNormWeightBackward(Tensor dweight, Tensor dy, Tensor x, Tensor mean, Tensor rstd, double beta) {
        reductions.layerNormWeightBackward(dweight, dy, x, mean, rstd, beta);
    }

    @Override
    public void softmax(Tensor y, Tensor x, int visible) {
        norms.softmax(y, x, visible);
    }

    @Override
    public void softmaxBackward(Tensor dx, Tensor dy, Tensor y, double beta) {
        norms.softmaxBackward(dx, dy, y, beta);
    }

    @Override
    public void attention(Tensor out, Tensor lse, Tensor q, Tensor k, Tensor v, Sequences queries,
            Sequences keys, AttentionSpec spec) {
        attention.forward(out, lse, q, k, v, queries, keys, spec);
    }

    @Override
    public void attentionBackward(Tensor dq, Tensor dk, Tensor dv, Tensor delta, Tensor dout, Tensor out,
            Tensor lse, Tensor q, Tensor k, Tensor v, Sequences queries, Sequences keys, AttentionSpec spec,
            double beta) {
        attention.backward(dq, dk, dv, delta, dout, out, lse, q, k, v, queries, keys, spec, beta);
    }

    @Override
    public void crossEntropy(Tensor nll, Tensor lse, Tensor logits, Tensor labels, double smoothing) {
        losses.crossEntropy(nll, lse, logits, labels, smoothing);
    }

    @Override
    public void crossEntropyBackward(Tensor dlogits, Tensor dnll, Tensor logits, Tensor lse, Tensor labels,
            double smoothing, double beta) {
        losses.crossEntropyBackward(dlogits, dnll, logits, lse, labels, smoothing, beta);
    }

    @Override
    public void linearCrossEntropy(Tensor nll, Tensor lse, Tensor dx, Tensor x, Tensor w, Tensor labels,
            double smoothing, double scale, Tensor logits) {
        losses.linearCrossEntropy(nll, lse, dx, x, w, labels, smoothing, scale, logits);
    }

    @Override
    public void linearCrossEntropyWeightBackward(Tensor dw, Tensor factor, Tensor x, Tensor w, Tensor lse,
            Tensor labels, double smoothing, double scale, Tensor logits, double beta) {
        losses.linearCrossEntropyWeightBackward(dw, factor, x, w, lse, labels, smoothing, scale, logits, beta);
    }

    @Override
    public void adam(Tensor p, Tensor g, Tensor m, Tensor v, Tensor vMax, AdamStep step) {
        optimizers.adam(p, g, m, v, vMax, step);
    }

    @Override
    public void sgd(Tensor p, Tensor g, Tensor momentum, SgdStep step) {
        optimizers.sgd(p, g, momentum, step);
    }
}
