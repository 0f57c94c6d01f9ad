package dev.lorikeet.models.batch;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.op.Add;
import dev.lorikeet.autograd.op.CrossEntropy;
import dev.lorikeet.autograd.op.Multiply;
import dev.lorikeet.autograd.op.Sum;
import dev.lorikeet.tensor.Tensor;

/// How far a classifier's logits are from the labels, summed over the sequences: `Σ nll` over classes, or with one
/// logit `Σ (z − label)²` (regression), as in transformers' `ForSequenceClassification`.
public final class ClassLoss {
    private ClassLoss() {}

    /// `scale·Σ loss`, one element.
    ///
    /// @param logits    `(sequences, labels)`; one label means regression
    /// @param smoothing label smoothing, of classes only
    /// @param scale     usually one over the number of labels of the window of micro-batches
    public static Activation of(
            Tape tape, Activation logits, LabelledBatch batch, double smoothing, double scale) {
        int classes = logits.shape().cols();
        if (classes > 1) {
            Tensor labels = tape.ints(batch.classes(classes));
            return Sum.apply(tape, CrossEntropy.apply(tape, logits, labels, smoothing), scale);
        }
        Variable labels = tape.constant(tape.numbers(logits.dtype(), logits.shape(), batch.labels()));
        Activation difference = Add.apply(tape, logits, -1, labels);                              // (sequences, 1)
        return Sum.apply(tape, Multiply.apply(tape, difference, difference), scale);
    }
}
