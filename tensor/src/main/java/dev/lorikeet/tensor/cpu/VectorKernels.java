package dev.lorikeet.tensor.cpu;

import static dev.lorikeet.tensor.cpu.Lanes.at;

import dev.lorikeet.tensor.AdamStep;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.SgdStep;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.UnaryFunction;

/// [Kernels] in F32 on vectors and threads. Each method says how its work is shared among the threads; the loops stand
/// in the classes of the families. [CpuKernels] sends only calls here whose types it has checked, one at a time.
final class VectorKernels implements Kernels, AutoCloseable {
    private final Spans spans;
    private final Scratch scratch;
    private final Gemm gemm;

    VectorKernels(ThreadTeam team, HostMemory memory) {
        spans = new Spans(team);
        scratch = new Scratch(memory, team.threads());
        gemm = new Gemm(team, memory);
    }

    /// Bytes that kernels keep for their own use.
    long workspaceBytes() {
        return scratch.bytes() + gemm.workspaceBytes();
    }

    @Override
    public void close() {
        scratch.close();
        gemm.close();
    }

    // --- moving numbers --------------------------------------------------------------------------------------------

    @Override
    public void fill(Tensor dst, double value) {
        spans.each((row, from, n) -> VectorElementwise.fill(at(dst, row, from), (float) value, n), dst);
    }

    @Override
    public void copy(Tensor dst, Tensor src) {
        if (src.storage() instanceof PanelStorage packed) {
            if (dst.dtype() != DType.F32) {
                throw new IllegalArgumentException(
                        "copy of a packed matrix into %s: only F32 is possible".formatted(dst));
            }
            if (!packed.isWhole(src)) {
                throw new IllegalArgumentException("%s is a part of a matrix that was packed for products: copy the "
                        .formatted(src) + "whole matrix into a tensor of rows and read that");
            }
            spans.rows(dst.rows(), dst.cols(), (from, to) -> {
                for (int i = from; i < to; i++) {
                    packed.copyRow(at(dst, i, 0), i, 0, dst.cols(), 0);
                }
            });
        } else if (dst.dtype() == src.dtype()) {
            int bytes = dst.dtype().bytes();
            spans.each((row, from, n) -> VectorMoves.copy(at(dst, row, from), at(src, row, from), (long) n * bytes),
                    dst, src);
        } else {
            spans.each((row, from, n) -> Conversions.run(
                    at(dst, row, from), dst.dtype(), at(src, row, from), src.dtype(), n), dst, src);
        }
    }

    @Override
    public void take(Tensor dst, Tensor src, Tensor index) {
        spans.each((row, from, n) -> VectorMoves.take(
                at(dst, row, from), src.address(), index.address() + 4 * from, n), dst);
    }

    @Override
    public void takeBackward(Tensor dx, Tensor dy, Tensor index, double beta) {
        scaleInPlace(dx, beta);
        VectorMoves.takeBackward(dx.address(), dy.address(), index.address(), dy.size());
    }

    @Override
    public void gatherRows(Tensor dst, Tensor table, Tensor ids, double beta) {
        spans.rows(dst.rows(), dst.cols(),
                (from, to) -> VectorMoves.gatherRows(dst, table, ids, (float) beta, from, to));
    }

    @Override
    public void scatterAddRows(Tensor dtable, Tensor dy, Tensor ids, double beta) {
        scaleInPlace(dtable, beta);
        spans.parts(Math.ceilDiv(dy.cols(), VectorMoves.COLUMNS), dy.size(),
                part -> VectorMoves.scatterAddRows(dtable, dy, ids, part));
    }

    // --- random numbers --------------------------------------------------------------------------------------------

    @Override
    public void uniform(Tensor dst, double low, double high, RandomKey key) {
        random(dst, dst, (row, from, n, buffer) -> VectorRandom.uniform(
                at(dst, row, from), low, high, key, (long) row * dst.cols() + from, n, buffer));
    }

    @Override
    public void normal(Tensor dst, double mean, double deviation, RandomKey key) {
        random(dst, dst, (row, from, n, buffer) -> VectorRandom.normal(
                at(dst, row, from), mean, deviation, key, (long) row * dst.cols() + from, n, buffer));
    }

    @Override
    public void dropout(Tensor dst, Tensor src, double p, RandomKey key, double beta) {
        random(dst, src, (row, from, n, buffer) -> VectorRandom.dropout(at(dst, row, from), at(src, row, from), p, key,
                (float) beta, (long) row * dst.cols() + from, n, buffer));
    }

    /// A [Spans.Span] with a buffer for random words.
    private interface RandomSpan {
        void run(int row, long from, int n, long buffer);
    }

    private void random(Tensor dst, Tensor src, RandomSpan body) {
        scratch.prepare(VectorRandom.BUFFER);
        spans.each((row, from, n) -> {
            long buffer = scratch.borrow();
            try {
                body.run(row, from, n, buffer);
            } finally {
                scratch.giveBack(buffer);
            }
        }, dst, src);
    }

    // --- elementwise -----------------------------------------------------------------------------------------------

    @Override
    public void axpby(Tensor dst, double alpha, Tensor src, double beta) {
        spans.each((row, from, n) -> VectorElementwise.axpby(
                at(dst, row, from), (float) alpha, at(src, row, from), (float) beta, n), dst, src);
    }

    @Override
    public void add(Tensor dst, Tensor a, Tensor b) {
        spans.each((row, from, n) -> VectorElementwise.add(
                at(dst, row, from), at(a, row, from), at(b, row, from), n), dst, a, b);
    }

    @Override
    public void multiply(Tensor dst, Tensor a, Tensor b, double beta) {
        if (beta == 0) {
            spans.each((row, from, n) -> VectorElementwise.multiply(
                    at(dst, row, from), at(a, row, from), at(b, row, from), n), dst, a, b);
        } else {
            spans.each((row, from, n) -> VectorElementwise.multiplyAdd(
                    at(dst, row, from), at(a, row, from), at(b, row, from), (float) beta, n), dst, a, b);
        }
    }

    @Override
    public void scaleBy(Tensor dst, Tensor factor, Tensor src, double beta) {
        axpby(dst, Lanes.get(factor.address()), src, beta);
    }

    @Override
    public void addBias(Tensor dst, Tensor src, Tensor bias) {
        int C = dst.cols();
        spans.rows(dst.rows(), C, (from, to) -> {
            for (int row = from; row < to; row++) {
                VectorElementwise.add(at(dst, row, 0), at(src, row, 0), bias.address(), C);
            }
        });
    }

    @Override
    public void map(Tensor dst, Tensor src, UnaryFunction f) {
        spans.each((row, from, n) -> VectorMap.run(f, at(dst, row, from), at(src, row, from), n), dst, src);
    }

    @Override
    public void mapBackward(Tensor dx, Tensor dy, Tensor x, UnaryFunction f, double beta) {
        spans.each((row, from, n) -> VectorMapBackward.run(
                f, at(dx, row, from), at(dy, row, from), at(x, row, from), n, (float) beta), dx, dy, x);
    }

    // --- reductions ------------------------------------------------------------------------------------------------

    @Override
    public void sum(Tensor dst, Tensor src, double alpha) {
        Lanes.set(dst.address(), (float) (alpha * total(src, VectorRows::sum)));
    }

    @Override
    public void sumRows(Tensor dst, Tensor src, double beta) {
        spans.parts(Math.ceilDiv(src.cols(), VectorReductions.COLUMNS), src.size(),
                part -> VectorReductions.sumRows(dst, src, (float) beta, part));
    }

    @Override
    public double sumOfSquares(Tensor src) {
        return total(src, VectorRows::sumOfSquares);
    }

    /// A reduction of one run of floats.
    private interface Reduction {
        double of(long address, int n);
    }

    /// Reduces runs of at most [VectorReductions#RUN] elements, then adds their results in order.
    private double total(Tensor src, Reduction reduction) {
        boolean flat = src.isContiguous();
        int rows = flat ? 1 : src.rows();
        long length = flat ? src.size() : src.cols();
        int perRow = Math.toIntExact(Math.ceilDiv(length, (long) VectorReductions.RUN));
        int runs = Math.multiplyExact(rows, perRow);
        long results = scratch.shared(8L * Math.max(runs, 1));
        spans.parts(runs, src.size(), run -> {
            long from = (long) (run % perRow) * VectorReductions.RUN;
            int n = (int) Math.min(VectorReductions.RUN, length - from);
            Lanes.setDouble(results + 8L * run, reduction.of(at(src, run / perRow, from), n));
        });
        double sum = 0;
        for (int run = 0; run < runs; run++) {
            sum += Lanes.getDouble(results + 8L * run);
        }
        return sum;
    }

    @Override
    public void argmaxRows(Tensor dst, Tensor src) {
        spans.rows(src.rows(), src.cols(), (from, to) -> {
            for (int row = from; row < to; row++) {
                Lanes.setInt(dst.address() + 4L * row, VectorRows.argmax(at(src, row, 0), src.cols()));
            }
        });
    }

    // --- matrix products -------------------------------------------------------------------------------------------

    @Override
    public void gemm(
            Tensor c, Tensor a, boolean transposeA, Tensor b, boolean transposeB, double alpha, double beta) {
        int K = transposeA ? a.rows() : a.cols();
        gemm.run(c.address(), c.rowStride(), a.address(), a.rowStride(), transposeA, b, transposeB, c.rows(), c.cols(),
                K, alpha, beta);
    }

    // --- normalisation and softmax ---------------------------------------------------------------------------------

    @Override
    public void layerNorm(
            Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor weight, Tensor bias, double eps) {
        spans.rows(x.rows(), x.cols(),
                (from, to) -> VectorNorms.layerNorm(y, mean, rstd, x, weight, bias, eps, from, to));
    }

    @Override
    public void layerNormBackward(
            Tensor dx, Tensor dy, Tensor x, Tensor mean, Tensor rstd, Tensor weight, double beta) {
        spans.rows(x.rows(), x.cols(), (from, to) -> VectorNorms.layerNormBackward(
                dx, dy, x, mean, rstd, weight, (float) beta, from, to));
    }

    @Override
    public void layerNormWeightBackward(
            Tensor dweight, Tensor dy, Tensor x, Tensor mean, Tensor rstd, double beta) {
        spans.parts(Math.ceilDiv(x.cols(), VectorReductions.COLUMNS), x.size(),
                part -> VectorReductions.layerNormWeightBackward(dweight, dy, x, mean, rstd, (float) beta, part));
    }

    @Override
    public void softmax(Tensor y, Tensor x, int visible) {
        spans.rows(x.rows(), x.cols(), (from, to) -> VectorNorms.softmax(y, x, visible, from, to));
    }

    @Override
    public void softmaxBackward(Tensor dx, Tensor dy, Tensor y, double beta) {
        spans.rows(y.rows(), y.cols(), (from, to) -> VectorNorms.softmaxBackward(dx, dy, y, (float) beta, from, to));
    }

    // --- attention -------------------------------------------------------------------------------------------------

    @Override
    public void attention(Tensor out, Tensor lse, Tensor q, Tensor k, Tensor v, Sequences queries,
            Sequences keys, AttentionSpec spec) {
        new AttentionForward(AttentionHeads.of(q, queries, keys, spec), scratch, out, lse, q, k, v).run(spans);
    }

    @Override
    public void attentionBackward(Tensor dq, Tensor dk, Tensor dv, Tensor delta, Tensor dout, Tensor out,
            Tensor lse, Tensor q, Tensor k, Tensor v, Sequences queries, Sequences keys, AttentionSpec spec,
            double beta) {
        AttentionHeads heads = AttentionHeads.of(q, queries, keys, spec);
        new AttentionBackward(heads, scratch, dout, out, lse, q, k, v).run(spans, dq, dk, dv, (float) beta);
    }

    // --- losses ----------------------------------------------------------------------------------------------------

    @Override
    public void crossEntropy(Tensor nll, Tensor lse, Tensor logits, Tensor labels, double smoothing) {
        spans.rows(logits.rows(), logits.cols(),
                (from, to) -> VectorLosses.crossEntropy(nll, lse, logits, labels, smoothing, from, to));
    }

    @Override
    public void crossEntropyBackward(
            Tensor dlogits, Tensor dnll, Tensor logits, Tensor lse, Tensor labels, double smoothing, double beta) {
        spans.rows(logits.rows(), logits.cols(), (from, to) -> VectorLosses.crossEntropyBackward(
                dlogits, dnll, logits, lse, labels, smoothing, (float) beta, from, to));
    }

    @Override
    public void linearCrossEntropy(Tensor nll, Tensor lse, Tensor dx, Tensor x, Tensor w, Tensor labels,
            double smoothing, double scale, Tensor logits) {
        new ChunkedLoss(gemm, spans, scratch, x, w, labels, smoothing, logits).forward(nll, lse, dx, scale);
    }

    @Override
    public void linearCrossEntropyWeightBackward(Tensor dw, Tensor factor, Tensor x, Tensor w, Tensor lse,
            Tensor labels, double smoothing, double scale, Tensor logits, double beta) {
        new ChunkedLoss(gemm, spans, scratch, x, w, labels, smoothing, logits)
                .weightGradient(dw, lse, scale * Lanes.get(factor.address()), beta);
    }

    // --- optimizers ------------------------------------------------------------------------------------------------

    @Override
    public void adam(Tensor p, Tensor g, Tensor m, Tensor v, Tensor vMax, AdamStep step) {
        VectorAdam adam = new VectorAdam(step);
        if (vMax == null) {
            spans.each((row, from, n) -> adam.run(
                    at(p, row, from), at(g, row, from), at(m, row, from), at(v, row, from), n), p, g, m, v);
        } else {
            spans.each((row, from, n) -> adam.run(at(p, row, from), at(g, row, from), at(m, row, from),
                    at(v, row, from), at(vMax, row, from), n), p, g, m, v, vMax);
        }
    }

    @Override
    public void sgd(Tensor p, Tensor g, Tensor momentum, SgdStep step) {
        VectorSgd sgd = new VectorSgd(step);
        if (momentum == null) {
            spans.each((row, from, n) -> sgd.plain(at(p, row, from), at(g, row, from), n), p, g);
        } else if (step.first()) {
            spans.each((row, from, n) -> sgd.first(
                    at(p, row, from), at(g, row, from), at(momentum, row, from), n), p, g, momentum);
        } else {
            spans.each((row, from, n) -> sgd.later(
                    at(p, row, from), at(g, row, from), at(momentum, row, from), n), p, g, momentum);
        }
    }

    // --- shared ----------------------------------------------------------------------------------------------------

    /// `dst ← beta·dst`.
    private void scaleInPlace(Tensor dst, double beta) {
        if (beta != 1) {
            spans.each((row, from, n) -> VectorElementwise.scaleInPlace(at(dst, row, from), (float) beta, n), dst);
        }
    }

    /// `matrix` as panels; see [dev.lorikeet.tensor.Backend#pack].
    Tensor pack(Tensor matrix, boolean transposed, HostMemory memory) {
        return Tensor.of(PanelStorage.of(matrix, transposed, memory, spans), DType.F32, matrix.shape());
    }
}
