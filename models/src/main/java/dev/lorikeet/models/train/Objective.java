package dev.lorikeet.models.train;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.models.TokenPredictor;
import dev.lorikeet.models.batch.Batch;
import dev.lorikeet.models.batch.TokenBatch;

/// What training makes smaller: a sum over the labels of a batch.
///
/// @param <B> the kind of batch
@FunctionalInterface
public interface Objective<B extends Batch<B>> {
    /// `scale·Σ loss` over the labels of a batch, one element.
    ///
    /// @param smoothing label smoothing, where labels are classes
    /// @param scale     one over the number of labels of the window of micro-batches
    Activation loss(Tape tape, B batch, double smoothing, double scale);

    /// Negative log-likelihood of the labelled tokens.
    static Objective<TokenBatch> tokens(TokenPredictor model) {
        return (tape, batch, smoothing, scale) -> model.loss(tape, batch, smoothing, scale).loss();
    }
}
