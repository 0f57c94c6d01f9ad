package dev.lorikeet.models.verify;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.op.LinearCrossEntropy;
import dev.lorikeet.models.Downloads;
import dev.lorikeet.models.LanguageModel;
import dev.lorikeet.models.TokenBatch;
import dev.lorikeet.nn.optim.Optimizer;
import dev.lorikeet.tensor.Pool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What all cases of language models compare: logits, losses, gradients, and what some steps of training lead to.
final class LanguageChecks {
    private final GoldenCase golden;
    private final Pool pool;

    LanguageChecks(GoldenCase golden, Pool pool) {
        this.golden = golden;
        this.pool = pool;
    }

    /// A loss over a batch: `scale·Σ nll`.
    ///
    /// @param batch     the batch
    /// @param smoothing label smoothing
    /// @param scale     usually one over the number of labels
    record Objective(TokenBatch batch, double smoothing, double scale) {
        /// The mean over the labelled tokens, labels shifted by one: transformers' loss.
        static Objective mean(PaddedTokens tokens, Golden labels) {
            int T = tokens.length();
            int[] all = labels.ints();
            TokenBatch batch = tokens.batch((s, t) -> t + 1 < T ? all[s * T + t + 1] : TokenBatch.IGNORED);
            return new Objective(batch, 0, 1.0 / batch.labelled());
        }

        LinearCrossEntropy.Result apply(Tape tape, LanguageModel model) {
            return model.loss(tape, batch, smoothing, scale);
        }
    }

    /// Logits of the batch without padding; padded places are left out.
    void logits(String tensor, String how, LanguageModel model, PaddedTokens tokens) {
        try (Tape tape = Tape.inference(pool)) {
            double[] rows = Downloads.doubles(pool.backend(), model.logits(tape, tokens.batch()).value());
            int V = model.vocabSize();
            golden.check(tensor, how, tokens.spread(rows, V), tokens.padding(V));
        }
    }

    /// The value of a loss.
    double loss(LanguageModel model, Objective objective) {
        try (Tape tape = Tape.inference(pool)) {
            return Downloads.doubles(pool.backend(), objective.apply(tape, model).loss().value())[0];
        }
    }

    /// The gradients of everything trainable, `<prefix><key>`.
    void gradients(String prefix, LanguageModel model, Objective objective, Map<String, Trainable> trained) {
        trained.values().forEach(Trainable::clearGrad);
        try (Tape tape = Tape.training(pool, null)) {
            Activation loss = objective.apply(tape, model).loss();
            tape.backward(loss);
        }
        trained.forEach((key, weight) -> {
            if (golden.has(prefix + key)) {
                golden.check(prefix + key, weight.hasGrad()
                        ? Downloads.doubles(pool.backend(), weight.grad())
                        : new double[Math.toIntExact(weight.shape().size())]);
            }
        });
        trained.values().forEach(Trainable::clearGrad);
    }

    /// Trains as the manifest says and compares the losses before each step and after the last, and
    /// `after<steps>/<key>`.
    ///
    /// @param prefix of the tensors and of the scalar `losses`
    void training(
            String prefix, LanguageModel model, Objective objective, Map<String, Trainable> trained,
            TrainingPlan plan) {
        List<Double> losses = new ArrayList<>();
        Optimizer optimizer = plan.optimizer(pool.backend(), trained);
        for (double lr : plan.learningRates()) {
            try (Tape tape = Tape.training(pool, null)) {
                Activation loss = objective.apply(tape, model).loss();
                losses.add(Downloads.doubles(pool.backend(), loss.value())[0]);
                tape.backward(loss);
            }
            optimizer.step(lr, 1);
        }
        losses.add(loss(model, objective));
        optimizer.state().values().forEach(state -> pool.backend().free(state.storage()));
        if (golden.hasScalar(prefix + "losses")) {
            golden.checkScalar(prefix + "losses", losses.stream().mapToDouble(Double::doubleValue).toArray());
        }
        String after = prefix + "after" + plan.learningRates().length + "/";
        trained.forEach((key, weight) -> {
            if (golden.has(after + key)) {
                golden.check(after + key, Downloads.doubles(pool.backend(), weight.value()));
            }
        });
    }
}
