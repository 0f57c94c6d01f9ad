package dev.lorikeet.cuda;

import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Cross-entropy, of logits and of hidden states: `losses.cu`.
final class Losses {
    private static final Kernel CROSS_ENTROPY = new Kernel("losses", "cross_entropy");
    private static final Kernel CROSS_ENTROPY_BACKWARD = new Kernel("losses", "cross_entropy_backward");
    private static final Kernel CHUNK = new Kernel("losses", "loss_chunk");
    private static final Kernel CHUNK_SLOPES = new Kernel("losses", "loss_chunk_slopes");
    private static final int MOST_THREADS = 512;

    private final Stream stream;
    private final Products products;
    private final Elementwise elementwise;

    Losses(Stream stream, Products products, Elementwise elementwise) {
        this.stream = stream;
        this.products = products;
        this.elementwise = elementwise;
    }

    /// `struct Target`.
    private static Arguments target(Arguments arguments, double smoothing, int classes) {
        MemorySegment to = arguments.value(8, 4);
        to.set(ValueLayout.JAVA_FLOAT, 0, (float) (1 - smoothing + smoothing / classes));
        to.set(ValueLayout.JAVA_FLOAT, 4, (float) (smoothing / classes));
        return arguments;
    }

    private static int threads(Tensor logits) {
        return Grids.ofRow(logits.cols(), MOST_THREADS);
    }

    void crossEntropy(Tensor nll, Tensor lse, Tensor logits, Tensor labels, double smoothing) {
        if (logits.size() > 0) {
            stream.arguments().floatsAt(nll).floatsAt(lse).floats(logits).indices(labels).single(smoothing);
            stream.launch(CROSS_ENTROPY, Grids.down(logits.rows()), 1, threads(logits));
        }
    }

    void crossEntropyBackward(Tensor dlogits, Tensor dnll, Tensor logits, Tensor lse, Tensor labels, double smoothing,
            double beta) {
        if (logits.size() > 0) {
            Arguments arguments = stream.arguments().floats(dlogits).floatsAt(dnll).floats(logits).floatsAt(lse)
                    .indices(labels);
            target(arguments, smoothing, logits.cols()).single(beta);
            stream.launch(CROSS_ENTROPY_BACKWARD, Grids.down(logits.rows()), 1, threads(logits));
        }
    }

    void linearCrossEntropy(Tensor nll, Tensor lse, Tensor dx, Tensor x, Tensor w, Tensor labels, double smoothing,
            double scale, Tensor logits) {
        for (int from = 0; from < x.rows(); from += logits.rows()) {
            int to = Math.min(x.rows(), from + logits.rows());
            Tensor z = logits.rows(0, to - from);
            products.gemm(z, x.rows(from, to), false, w, true, 1, 0);
            Arguments arguments = stream.arguments().floatsAt(nll.cols(from, to)).floatsAt(lse.cols(from, to))
                    .floats(z).indices(labels.cols(from, to)).single(smoothing);
            target(arguments, smoothing, z.cols()).single(scale).integer(dx == null ? 0 : 1);
            stream.launch(CHUNK, Grids.down(z.rows()), 1, threads(z));
            if (dx != null) {
                products.gemm(dx.rows(from, to), z, false, w, false, 1, 0);
            }
        }
    }

    void linearCrossEntropyWeightBackward(Tensor dw, Tensor factor, Tensor x, Tensor w, Tensor lse, Tensor labels,
            double smoothing, double scale, Tensor logits, double beta) {
        double keep = beta;
        for (int from = 0; from < x.rows(); from += logits.rows()) {
            int to = Math.min(x.rows(), from + logits.rows());
            Tensor z = logits.rows(0, to - from);
            products.gemm(z, x.rows(from, to), false, w, true, 1, 0);
            Arguments arguments = stream.arguments().floats(z).floatsAt(factor).floatsAt(lse.cols(from, to))
                    .indices(labels.cols(from, to));
            target(arguments, smoothing, z.cols()).single(scale);
            stream.launch(CHUNK_SLOPES, Grids.down(z.rows()), 1, threads(z));
            products.gemm(dw, z, true, x.rows(from, to), false, 1, keep);
            keep = 1;
        }
        elementwise.scale(dw, keep);   // by beta if there was no row
    }
}
