package dev.lorikeet.models;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.models.batch.ClassLoss;
import dev.lorikeet.models.batch.LabelledBatch;
import dev.lorikeet.models.batch.TokenBatch;

/// What training and evaluation need of a model that gives each sequence a score per class, or one number.
public interface SequenceClassifier {
    /// Number of classes; 1 for regression.
    int labels();

    /// The longest sequence.
    int maxPositions();

    /// A row for each sequence of the batch, `(sequences, labels)`; only the batch's tokens and sequences are read.
    Activation logits(Tape tape, TokenBatch batch);

    /// `scale·Σ loss` over the sequences of a batch: [ClassLoss] of the logits.
    ///
    /// @param smoothing label smoothing, where labels are classes
    /// @param scale     usually one over the number of labels of the window of micro-batches
    default Activation loss(Tape tape, LabelledBatch batch, double smoothing, double scale) {
        return ClassLoss.of(tape, logits(tape, batch.text()), batch, smoothing, scale);
    }
}
