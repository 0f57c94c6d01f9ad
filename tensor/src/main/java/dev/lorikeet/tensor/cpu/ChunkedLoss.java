package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.Tensor;
import java.util.Arrays;

/// Cross-entropy of `z = x·wᵀ` a chunk of rows at a time, so that `(N, V)` logits never exist: with GPT-2's vocabulary
/// they would be the largest tensor of a training step by far.
///
/// Per chunk: a product for the logits, one pass that takes loss and gradient in place, a product for `dx`. Rows with a
/// negative label (prompts, padding) are left out of all three: the counted rows of `x` are moved together first,
/// unless they lie together already.
final class ChunkedLoss {
    private final Gemm gemm;
    private final Spans spans;
    private final Tensor x;
    private final Tensor w;
    private final Tensor labels;
    private final double smoothing;
    private final Tensor logits;
    /// Rows of x with a label, in order.
    private final int[] counted;
    /// Room for a chunk of moved rows of `x`, and behind it for one of `dx`.
    private final long moved;

    ChunkedLoss(Gemm gemm, Spans spans, Scratch scratch, Tensor x, Tensor w, Tensor labels, double smoothing,
            Tensor logits) {
        this.gemm = gemm;
        this.spans = spans;
        this.x = x;
        this.w = w;
        this.labels = labels;
        this.smoothing = smoothing;
        this.logits = logits;
        this.counted = countedRows(labels, x.rows());
        this.moved = scratch.shared(8L * logits.rows() * x.cols());
    }

    /// `nll`, `lse` and, unless `dx` is null, `dx ← scale·∂(Σ nll)/∂x`.
    void forward(Tensor nll, Tensor lse, Tensor dx, double scale) {
        ignoredRows(nll, lse, dx);
        for (int from = 0; from < counted.length; from += logits.rows()) {
            int first = from;
            int n = Math.min(logits.rows(), counted.length - from);
            multiplyRows(first, n);
            spans.rows(n, w.rows(), (begin, end) -> {
                for (int i = begin; i < end; i++) {
                    row(nll, lse, dx != null, i, counted[first + i]);
                }
            });
            if (dx != null) {
                gradientRows(dx, first, n, scale);
            }
        }
    }

    /// `dw ← beta·dw + scale·∂(Σ nll)/∂w`.
    void weightGradient(Tensor dw, Tensor lse, double scale, double beta) {
        int V = w.rows();
        if (counted.length == 0) {
            gemm.run(dw.address(), dw.rowStride(), 0, 0, false, 0, 0, false, x.dtype(), V, x.cols(), 0, 0, beta);
        }
        for (int from = 0; from < counted.length; from += logits.rows()) {
            int first = from;
            int n = Math.min(logits.rows(), counted.length - from);
            multiplyRows(first, n);
            spans.rows(n, V, (begin, end) -> {
                for (int i = begin; i < end; i++) {
                    int row = counted[first + i];
                    VectorLosses.gradient(Lanes.at(logits, i, 0), V, label(row), smoothing,
                            Lanes.get(lse.address() + 4L * row));
                }
            });
            boolean together = together(first, n);
            gemm.run(dw.address(), dw.rowStride(), logits.address(), logits.rowStride(), true,
                    together ? Lanes.at(x, counted[first], 0) : moved, together ? x.rowStride() : x.cols(), false,
                    x.dtype(), V, x.cols(), n, scale, from == 0 ? beta : 1);
        }
    }

    /// The logits of `n` counted rows from the `first`-th on.
    private void multiplyRows(int first, int n) {
        int C = x.cols();
        boolean together = together(first, n);
        if (!together) {
            for (int i = 0; i < n; i++) {
                VectorMoves.copy(moved + 4L * i * C, Lanes.at(x, counted[first + i], 0), 4L * C);
            }
        }
        gemm.run(logits.address(), logits.rowStride(), together ? Lanes.at(x, counted[first], 0) : moved,
                together ? x.rowStride() : C, false, w, true, n, w.rows(), C, 1, 0);
    }

    private void row(Tensor nll, Tensor lse, boolean gradient, int i, int row) {
        long z = Lanes.at(logits, i, 0);
        long loss = nll.address() + 4L * row;
        long denominator = lse.address() + 4L * row;
        if (gradient) {
            VectorLosses.lossAndGradient(z, w.rows(), label(row), smoothing, loss, denominator);
        } else {
            VectorLosses.loss(z, w.rows(), label(row), smoothing, loss, denominator);
        }
    }

    /// `dx ← scale·∂z·w` for the rows of a chunk whose logits have become gradients.
    private void gradientRows(Tensor dx, int first, int n, double scale) {
        int C = x.cols();
        boolean together = together(first, n);
        long dst = together ? Lanes.at(dx, counted[first], 0) : moved + 4L * logits.rows() * C;
        gemm.run(dst, together ? dx.rowStride() : C, logits.address(), logits.rowStride(), false, w, false, n, C,
                w.rows(), scale, 0);
        for (int i = 0; i < n && !together; i++) {
            VectorMoves.copy(Lanes.at(dx, counted[first + i], 0), dst + 4L * i * C, 4L * C);
        }
    }

    /// Loss 0 and gradient 0 for every row without a label.
    private void ignoredRows(Tensor nll, Tensor lse, Tensor dx) {
        for (int row = 0; row < x.rows(); row++) {
            if (label(row) < 0) {
                Lanes.set(nll.address() + 4L * row, 0);
                Lanes.set(lse.address() + 4L * row, 0);
                if (dx != null) {
                    VectorElementwise.fill(Lanes.at(dx, row, 0), 0, dx.cols());
                }
            }
        }
    }

    private boolean together(int first, int n) {
        return counted[first + n - 1] - counted[first] == n - 1;
    }

    private int label(int row) {
        return Lanes.getInt(labels.address() + 4L * row);
    }

    private static int[] countedRows(Tensor labels, int rows) {
        int[] counted = new int[rows];
        int n = 0;
        for (int row = 0; row < rows; row++) {
            if (Lanes.getInt(labels.address() + 4L * row) >= 0) {
                counted[n++] = row;
            }
        }
        return Arrays.copyOf(counted, n);
    }
}
