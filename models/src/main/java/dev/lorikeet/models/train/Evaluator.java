package dev.lorikeet.models.train;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.models.Downloads;
import dev.lorikeet.models.LanguageModel;
import dev.lorikeet.models.TokenBatch;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.Tensor;

/// Computes the loss of a model on held-out batches, without dropout and without recording anything.
public final class Evaluator {
    private final Pool pool;
    private final HeldOut heldOut;

    public Evaluator(Pool pool, HeldOut heldOut) {
        this.pool = pool;
        this.heldOut = heldOut;
    }

    public Evaluation evaluate(LanguageModel model) {
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
        return new Evaluation(nll, tokens, heldOut.bytes());
    }

    /// Sum of a contiguous tensor of losses, in double and in order.
    private double sum(Tensor losses) {
        double total = 0;
        for (double loss : Downloads.doubles(pool.backend(), losses)) {
            total += loss;
        }
        return total;
    }
}
