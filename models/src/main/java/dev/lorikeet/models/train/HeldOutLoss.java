package dev.lorikeet.models.train;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.models.HostValues;
import dev.lorikeet.models.TokenPredictor;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.Tensor;

/// The loss of a model on held-out batches, without dropout and without recording anything.
///
/// @param pool    where to compute
/// @param heldOut the batches
/// @param model   the model
public record HeldOutLoss(Pool pool, HeldOut heldOut, TokenPredictor model) implements Evaluator {
    @Override
    public LanguageEvaluation evaluate() {
        double nll = 0;
        long tokens = 0;
        for (TokenBatch batch : heldOut.batches()) {
            if (batch.labelled() > 0) {
                try (Tape tape = Tape.inference(pool)) {
                    nll += sum(model.loss(tape, batch, 0, 1).nll().value());
                    tokens += batch.labelled();
                }
            }
        }
        return new LanguageEvaluation(nll, tokens, heldOut.bytes());
    }

    /// Sum of a contiguous tensor of losses, in double and in order.
    private double sum(Tensor losses) {
        double total = 0;
        for (double loss : HostValues.doubles(pool.backend(), losses)) {
            total += loss;
        }
        return total;
    }
}
