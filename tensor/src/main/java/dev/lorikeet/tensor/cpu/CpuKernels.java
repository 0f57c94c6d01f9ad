package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.AdamStep;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.SgdStep;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.UnaryFunction;

/// The kernels of the `cpu` backend: the table of contents. A call whose numbers are all F32 goes to [VectorKernels];
/// frozen tables and weights in BF16, F16 or I8 are the exception that the contract names, and are fast, too.
/// Everything else (F64 for a gradient check, a conversion between integers) goes through [ScalarKernels], which handle
/// all types. Calls from several threads take turns.
final class CpuKernels implements Kernels, AutoCloseable {
    private final Kernels scalar = new ScalarKernels();
    private final VectorKernels vector;

    CpuKernels(ThreadTeam team, HostMemory memory) {
        vector = new VectorKernels(team, memory);
    }

    /// Bytes that kernels keep for their own use.
    synchronized long workspaceBytes() {
        return vector.workspaceBytes();
    }

    @Override
    public synchronized void close() {
        vector.close();
    }

    /// The fast kernels if all tensors, nulls left aside, are F32.
    private Kernels kernelsFor(Tensor... tensors) {
        for (Tensor tensor : tensors) {
            if (tensor != null && tensor.dtype() != DType.F32) {
                return scalar;
            }
        }
        return vector;
    }

    /// As [#kernelsFor] with a table or weight that may also be frozen in fewer bits.
    private Kernels kernelsForFrozen(Tensor frozen, Tensor... tensors) {
        boolean fast = frozen.dtype() == DType.F32 || frozen.dtype() == DType.I8
                || Conversions.isHalf(frozen.dtype());
        return fast ? kernelsFor(tensors) : scalar;
    }

    // --- moving numbers --------------------------------------------------------------------------------------------

    @Override
    public synchronized void fill(Tensor dst, double value) {
        kernelsFor(dst).fill(dst, value);
    }

    @Override
    public synchronized void copy(Tensor dst, Tensor src) {
        boolean fast = src.storage() instanceof PanelStorage || dst.dtype() == src.dtype()
                || Conversions.handles(dst.dtype(), src.dtype());
        (fast ? vector : scalar).copy(dst, src);
    }

    @Override
    public synchronized void take(Tensor dst, Tensor src, Tensor index) {
        kernelsFor(dst, src).take(dst, src, index);
    }

    @Override
    public synchronized void takeBackward(Tensor dx, Tensor dy, Tensor index, double beta) {
        kernelsFor(dx, dy).takeBackward(dx, dy, index, beta);
    }

    @Override
    public synchronized void gatherRows(Tensor dst, Tensor table, Tensor ids, double beta) {
        kernelsForFrozen(table, dst).gatherRows(dst, table, ids, beta);
    }

    @Override
    public synchronized void scatterAddRows(Tensor dtable, Tensor dy, Tensor ids, double beta) {
        kernelsFor(dtable, dy).scatterAddRows(dtable, dy, ids, beta);
    }

    // --- random numbers --------------------------------------------------------------------------------------------

    @Override
    public synchronized void uniform(Tensor dst, double low, double high, RandomKey key) {
        kernelsFor(dst).uniform(dst, low, high, key);
    }

    @Override
    public synchronized void normal(Tensor dst, double mean, double deviation, RandomKey key) {
        kernelsFor(dst).normal(dst, mean, deviation, key);
    }

    @Override
    public synchronized void dropout(Tensor dst, Tensor src, double p, RandomKey key, double beta) {
        kernelsFor(dst, src).dropout(dst, src, p, key, beta);
    }

    // --- elementwise -----------------------------------------------------------------------------------------------

    @Override
    public synchronized void axpby(Tensor dst, double alpha, Tensor src, double beta) {
        kernelsFor(dst, src).axpby(dst, alpha, src, beta);
    }

    @Override
    public synchronized void add(Tensor dst, Tensor a, Tensor b) {
        kernelsFor(dst, a, b).add(dst, a, b);
    }

    @Override
    public synchronized void multiply(Tensor dst, Tensor a, Tensor b, double beta) {
        kernelsFor(dst, a, b).multiply(dst, a, b, beta);
    }

    @Override
    public synchronized void scaleBy(Tensor dst, Tensor factor, Tensor src, double beta) {
        kernelsFor(dst, factor, src).scaleBy(dst, factor, src, beta);
    }

    @Override
    public synchronized void addBias(Tensor dst, Tensor src, Tensor bias) {
        kernelsFor(dst, src, bias).addBias(dst, src, bias);
    }

    @Override
    public synchronized void map(Tensor dst, Tensor src, UnaryFunction f) {
        kernelsFor(dst, src).map(dst, src, f);
    }

    @Override
    public synchronized void mapBackward(Tensor dx, Tensor dy, Tensor x, UnaryFunction f, double beta) {
        kernelsFor(dx, dy, x).mapBackward(dx, dy, x, f, beta);
    }

    // --- reductions ------------------------------------------------------------------------------------------------

    @Override
    public synchronized void sum(Tensor dst, Tensor src, double alpha) {
        kernelsFor(dst, src).sum(dst, src, alpha);
    }

    @Override
    public synchronized void sumRows(Tensor dst, Tensor src, double beta) {
        kernelsFor(dst, src).sumRows(dst, src, beta);
    }

    @Override
    public synchronized double sumOfSquares(Tensor src) {
        return kernelsFor(src).sumOfSquares(src);
    }

    @Override
    public synchronized void argmaxRows(Tensor dst, Tensor src) {
        kernelsFor(src).argmaxRows(dst, src);
    }

    // --- matrix products -------------------------------------------------------------------------------------------

    @Override
    public synchronized void gemm(
            Tensor c, Tensor a, boolean transposeA, Tensor b, boolean transposeB, double alpha, double beta) {
        kernelsForFrozen(b, c, a).gemm(c, a, transposeA, b, transposeB, alpha, beta);
    }

    // --- normalisation and softmax ---------------------------------------------------------------------------------

    @Override
    public synchronized void layerNorm(
            Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor weight, Tensor bias, double eps) {
        kernelsFor(y, mean, rstd, x, weight, bias).layerNorm(y, mean, rstd, x, weight, bias, eps);
    }

    @Override
    public synchronized void layerNormBackward(
            Tensor dx, Tensor dy, Tensor x, Tensor mean, Tensor rstd, Tensor weight, double beta) {
        kernelsFor(dx, dy, x, mean, rstd, weight).layerNormBackward(dx, dy, x, mean, rstd, weight, beta);
    }

    @Override
    public synchronized void layerNormWeightBackward(
            Tensor dweight, Tensor dy, Tensor x, Tensor mean, Tensor rstd, double beta) {
        kernelsFor(dweight, dy, x, mean, rstd).layerNormWeightBackward(dweight, dy, x, mean, rstd, beta);
    }

    @Override
    public synchronized void softmax(Tensor y, Tensor x, int visible) {
        kernelsFor(y, x).softmax(y, x, visible);
    }

    @Override
    public synchronized void softmaxBackward(Tensor dx, Tensor dy, Tensor y, double beta) {
        kernelsFor(dx, dy, y).softmaxBackward(dx, dy, y, beta);
    }

    // --- attention -------------------------------------------------------------------------------------------------

    @Override
    public synchronized void attention(Tensor out, Tensor lse, Tensor q, Tensor k, Tensor v, Sequences queries,
            Sequences keys, AttentionSpec spec) {
        kernelsFor(out, lse, q, k, v).attention(out, lse, q, k, v, queries, keys, spec);
    }

    @Override
    public synchronized void attentionBackward(Tensor dq, Tensor dk, Tensor dv, Tensor delta, Tensor dout, Tensor out,
            Tensor lse, Tensor q, Tensor k, Tensor v, Sequences queries, Sequences keys, AttentionSpec spec,
            double beta) {
        kernelsFor(dq, dk, dv, delta, dout, out, lse, q, k, v)
                .attentionBackward(dq, dk, dv, delta, dout, out, lse, q, k, v, queries, keys, spec, beta);
    }

    // --- losses ----------------------------------------------------------------------------------------------------

    @Override
    public synchronized void crossEntropy(Tensor nll, Tensor lse, Tensor logits, Tensor labels, double smoothing) {
        kernelsFor(nll, lse, logits).crossEntropy(nll, lse, logits, labels, smoothing);
    }

    @Override
    public synchronized void crossEntropyBackward(
            Tensor dlogits, Tensor dnll, Tensor logits, Tensor lse, Tensor labels, double smoothing, double beta) {
        kernelsFor(dlogits, dnll, logits, lse).crossEntropyBackward(dlogits, dnll, logits, lse, labels, smoothing,
                beta);
    }

    @Override
    public synchronized void linearCrossEntropy(Tensor nll, Tensor lse, Tensor dx, Tensor x, Tensor w, Tensor labels,
            double smoothing, double scale, Tensor logits) {
        kernelsForFrozen(w, nll, lse, dx, x, logits).linearCrossEntropy(nll, lse, dx, x, w, labels, smoothing, scale,
                logits);
    }

    @Override
    public synchronized void linearCrossEntropyWeightBackward(Tensor dw, Tensor factor, Tensor x, Tensor w, Tensor lse,
            Tensor labels, double smoothing, double scale, Tensor logits, double beta) {
        kernelsForFrozen(w, dw, factor, x, lse, logits)
                .linearCrossEntropyWeightBackward(dw, factor, x, w, lse, labels, smoothing, scale, logits, beta);
    }

    // --- optimizers ------------------------------------------------------------------------------------------------

    @Override
    public synchronized void adam(Tensor p, Tensor g, Tensor m, Tensor v, Tensor vMax, AdamStep step) {
        kernelsFor(p, g, m, v, vMax).adam(p, g, m, v, vMax, step);
    }

    @Override
    public synchronized void sgd(Tensor p, Tensor g, Tensor momentum, SgdStep step) {
        kernelsFor(p, g, momentum).sgd(p, g, momentum, step);
    }

    /// `matrix` as panels; see [dev.lorikeet.tensor.Backend#pack].
    synchronized Tensor pack(Tensor matrix, boolean transposed, HostMemory memory) {
        return vector.pack(matrix, transposed, memory);
    }
}
