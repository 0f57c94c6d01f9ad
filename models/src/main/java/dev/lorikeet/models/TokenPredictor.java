package dev.lorikeet.models;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.op.LinearCrossEntropy;
import dev.lorikeet.models.batch.TokenBatch;

/// What training and evaluation need of a model that predicts tokens: the next one ([LanguageModel]), or hidden ones (a
/// masked language model).
public interface TokenPredictor {
    /// Size of the vocabulary.
    int vocabSize();

    /// The longest sequence.
    int maxPositions();

    /// `scale·Σ nll` over the labelled rows of a batch.
    ///
    /// @param smoothing label smoothing
    /// @param scale     usually one over the number of labelled tokens of the window of micro-batches
    LinearCrossEntropy.Result loss(Tape tape, TokenBatch batch, double smoothing, double scale);
}
