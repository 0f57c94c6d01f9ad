package dev.lorikeet.models.verify;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.models.HostValues;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.gpt2.Gpt2;
import dev.lorikeet.models.verify.golden.Golden;
import dev.lorikeet.models.verify.golden.GoldenCase;
import dev.lorikeet.tensor.Pool;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// A GPT-2: logits of every place, generation, and two losses: transformers', over labels that it shifts itself, and
/// that of the paper's example ([PaperLosses]).
final class Gpt2Subject implements Subject {
    private final GoldenCase golden;
    private final Pool pool;
    private final Gpt2 model;
    private final PaddedTokens tokens;

    Gpt2Subject(GoldenCase golden, Pool pool, Gpt2 model) {
        this.golden = golden;
        this.pool = pool;
        this.model = model;
        this.tokens = PaddedTokens.of(golden.input("input_ids"), golden.mask());
    }

    @Override
    public void forward() {
        if (golden.has("logits")) {
            logits("logits", "ragged");
        }
        InsideChecks inside = new InsideChecks(golden, pool, tokens);
        inside.check(model);
        inside.cached(model);
    }

    @Override
    public void logits(String tensor, String how) {
        logits(tensor, how, tokens);
    }

    private void logits(String tensor, String how, PaddedTokens places) {
        try (Tape tape = Tape.inference(pool)) {
            double[] rows = HostValues.doubles(pool.backend(), model.logits(tape, places.batch()).value());
            int V = model.vocabSize();
            golden.check(tensor, how, places.spread(rows, V), places.absent(V));
        }
    }

    @Override
    public void others() {
        if (golden.has("nomask.logits")) {
            int rows = golden.expected("nomask.logits").shape().dim(0);
            logits("nomask.logits", "", tokens.withoutMask().first(rows));
        }
        if (golden.has("leftpad.input_ids")) {
            paddedOnTheLeft();
        }
        if (golden.has("token_nll")) {
            negativeLogLikelihoods();
        }
        JsonNode generation = golden.manifest().get("generation");
        if (generation.isObject()) {
            new GenerationChecks(golden, pool, model, generation).check();
        }
        new PaperBeams(golden, pool, model).check();
    }

    private void paddedOnTheLeft() {
        Golden ids = golden.input("leftpad.input_ids");
        Golden mask = golden.input("leftpad.attention_mask");
        int[][] positions = new int[ids.shape().rows()][];
        Arrays.setAll(positions, s -> PaddedPrompts.positions(mask.row(s)));
        if (golden.has("leftpad.position_ids")) {
            golden.check("leftpad.position_ids",
                    Arrays.stream(positions).flatMapToInt(Arrays::stream).asDoubleStream().toArray());
        }
        if (golden.has("leftpad.logits")) {
            logits("leftpad.logits", "", PaddedTokens.of(ids, mask, positions));
        }
    }

    private void negativeLogLikelihoods() {
        try (Tape tape = Tape.inference(pool)) {
            TokenBatch batch = shifted();
            double[] nll = HostValues.doubles(pool.backend(), model.loss(tape, batch, 0, 1).nll().value());
            double[] rows = new double[batch.tokens()];
            for (int i = 0; i < nll.length; i++) {
                rows[batch.rows()[i]] = nll[i];
            }
            double[] places = labelled().spread(rows, 1);
            int T = tokens.length();
            double[] all = new double[tokens.count() * (T - 1)];          // the last place predicts nothing
            for (int i = 0; i < all.length; i++) {
                all[i] = places[i / (T - 1) * T + i % (T - 1)];
            }
            golden.check("token_nll", all);
        }
    }

    /// The batch with transformers' labels, which belong to the token one place on.
    private TokenBatch shifted() {
        return labelled().batch(this::next);
    }

    private int next(int s, int t) {
        int T = tokens.length();
        return t + 1 < T ? golden.input("labels").ints()[s * T + t + 1] : TokenBatch.IGNORED;
    }

    /// With the hidden places that have to predict something and see a token to do it from.
    private PaddedTokens labelled() {
        boolean[] blind = tokens.blind(true);
        return tokens.keeping((s, t) -> next(s, t) >= 0 && !blind[s * tokens.length() + t]);
    }

    private Optional<Loss> mean() {
        if (!golden.has("labels")) {
            return Optional.empty();
        }
        TokenBatch batch = shifted();
        return Optional.of(tape -> model.loss(tape, batch, 0, 1.0 / batch.labelled()).loss());
    }

    @Override
    public Map<String, Loss> losses() {
        if (golden.has("lm_labels")) {
            return new PaperLosses(golden, model, tokens).all();
        }
        Map<String, Loss> losses = new LinkedHashMap<>();
        mean().ifPresent(loss -> losses.put("", loss));
        return losses;
    }

    @Override
    public Optional<Loss> trainingLoss() {
        return golden.has("lm_labels")
                ? Optional.of(new PaperLosses(golden, model, tokens).training())
                : mean();
    }
}
