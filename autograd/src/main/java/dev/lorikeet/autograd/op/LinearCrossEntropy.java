package dev.lorikeet.autograd.op;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Grads;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.ShapeMismatch;
import dev.lorikeet.tensor.Tensor;

/// Language-model loss `L = scale·Σᵢ nll[i]` of hidden rows against a vocabulary, `z = x·Wᵀ`, without ever holding all
/// logits: they live for [#CHUNK_BYTES] worth of rows at a time. `nll` is that of [CrossEntropy].
///
/// While a chunk of logits is at hand the forward also computes `∂L/∂x`, so the backward only multiplies by what
/// arrives at the loss. If W trains (full fine-tuning) the backward computes the logits a second time for `dW`.
///
/// @param dx        `∂L/∂x (N, C)`, kept only if x needs a gradient
/// @param x         kept only if W trains
/// @param w         `(V, C)`, kept only if W trains
/// @param lse       `(N)`, kept only if W trains
/// @param labels    I32 `(N)`
/// @param smoothing label smoothing `ε`
/// @param scale     usually one over the number of labelled tokens of the window of micro-batches
/// @param chunkRows how many rows of logits exist at a time
public record LinearCrossEntropy(
        Tensor dx, Tensor x, Tensor w, Tensor lse, Tensor labels, double smoothing, double scale, int chunkRows)
        implements Op {
    /// Size that the chunk of logits aims at: large enough that packing W for each chunk, twice, is a small part of
    /// multiplying by it, small beside the weights.
    public static final long CHUNK_BYTES = 24L << 20;

    /// Chunks are multiples of this, so that a matrix product works on whole panels of rows.
    private static final int PANEL_ROWS = 6;

    /// The loss and what it is made of.
    ///
    /// @param loss one element
    /// @param nll  `(N)`, the negative log-likelihood of each row
    public record Result(Activation loss, Activation nll) {}

    /// The loss, in as few chunks of one size as [#CHUNK_BYTES] allow.
    public static Result apply(
            Tape tape, Variable x, Variable w, Tensor labels, double smoothing, double scale) {
        int chunkRows = chunkRows(x.value().rows(), w.value().rows(), x.dtype());
        return apply(tape, x, w, labels, smoothing, scale, chunkRows);
    }

    /// Rows of logits that exist at a time.
    public static int chunkRows(int rows, int vocabulary, DType dtype) {
        long bytes = (long) rows * vocabulary * dtype.bytes();
        int chunks = Math.clamp(Math.ceilDiv(bytes, CHUNK_BYTES), 1, Math.max(1, rows));
        return Math.ceilDiv(Math.ceilDiv(rows, chunks), PANEL_ROWS) * PANEL_ROWS;
    }

    /// The loss, in chunks of `chunkRows` rows.
    public static Result apply(
            Tape tape, Variable x, Variable w, Tensor labels, double smoothing, double scale, int chunkRows) {
        Tensor hidden = x.value();
        if (w.value().cols() != hidden.cols() || labels.size() != hidden.rows()) {
            throw new ShapeMismatch("linearCrossEntropy", x.shape(), w.shape(), "columns or labels do not match");
        }
        boolean xNeeds = tape.needsGrad(x);
        boolean wNeeds = tape.needsGrad(w);
        Shape rows = Shape.of(hidden.rows());
        Tensor loss = tape.allocate(hidden.dtype(), Shape.of(1));
        Tensor nll = tape.allocate(hidden.dtype(), rows);
        Tensor lse = tape.allocate(hidden.dtype(), rows);
        Tensor dx = xNeeds ? tape.allocate(hidden.dtype(), hidden.shape()) : null;
        try (var _ = tape.frame()) {
            Tensor logits = tape.temporary(hidden.dtype(), chunk(hidden, w.value(), chunkRows));
            tape.kernels().linearCrossEntropy(nll, lse, dx, hidden, w.value(), labels, smoothing, scale, logits);
        }
        tape.kernels().sum(loss, nll, scale);
        Activation result = tape.record(
                LinearCrossEntropy.class,
                loss,
                save -> new LinearCrossEntropy(
                        save.when(xNeeds, dx),
                        save.when(wNeeds, hidden),
                        save.when(wNeeds, w.value()),
                        save.when(wNeeds, lse),
                        save.when(wNeeds, labels), smoothing, scale, chunkRows),
                x, w);
        return new Result(result, tape.constant(nll));
    }

    private static Shape chunk(Tensor x, Tensor w, int chunkRows) {
        return Shape.of(Math.max(1, Math.min(chunkRows, x.rows())), w.rows());
    }

    @Override
    public void backward(Tensor dloss, Grads grads) {
        grads.into(0, (gradient, beta) -> grads.kernels().scaleBy(gradient, dloss, dx, beta));
        grads.into(1, (dw, beta) -> {
            Tensor logits = grads.temporary(x.dtype(), chunk(x, w, chunkRows));
            grads.kernels().linearCrossEntropyWeightBackward(
                    dw, dloss, x, w, lse, labels, smoothing, scale, logits, beta);
        });
    }
}
