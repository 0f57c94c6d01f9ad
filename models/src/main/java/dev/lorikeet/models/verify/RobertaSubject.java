package dev.lorikeet.models.verify;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.models.Downloads;
import dev.lorikeet.models.LabelledBatch;
import dev.lorikeet.models.TokenBatch;
import dev.lorikeet.models.inspect.Inspectable;
import dev.lorikeet.models.roberta.RobertaClassifier;
import dev.lorikeet.models.roberta.RobertaMaskedLm;
import dev.lorikeet.models.roberta.RobertaPositions;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.Sequences;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/// A RoBERTa with either head: logits of every text, or of every place of it.
final class RobertaSubject implements Subject {
    private final GoldenCase golden;
    private final Pool pool;
    private final Inspectable model;
    private final BiFunction<Tape, TokenBatch, Activation> logits;
    private final PaddedTokens tokens;
    private final int padding;
    private final Optional<Loss> loss;

    private RobertaSubject(
            GoldenCase golden, Pool pool, Inspectable model, BiFunction<Tape, TokenBatch, Activation> logits,
            PaddedTokens tokens, int padding, Optional<Loss> loss) {
        this.golden = golden;
        this.pool = pool;
        this.model = model;
        this.logits = logits;
        this.tokens = tokens;
        this.padding = padding;
        this.loss = loss;
    }

    static RobertaSubject of(GoldenCase golden, Pool pool, RobertaClassifier model) {
        PaddedTokens tokens = tokens(golden);
        return new RobertaSubject(golden, pool, model, model::logits, tokens, model.config().padTokenId(),
                golden.has("labels") ? Optional.of(classes(golden, model, tokens)) : Optional.empty());
    }

    static RobertaSubject of(GoldenCase golden, Pool pool, RobertaMaskedLm model) {
        PaddedTokens tokens = tokens(golden);
        return new RobertaSubject(golden, pool, model, model::logits, tokens, model.config().padTokenId(),
                golden.has("labels") ? Optional.of(hidden(golden, model, tokens)) : Optional.empty());
    }

    private static PaddedTokens tokens(GoldenCase golden) {
        return PaddedTokens.of(golden.input("input_ids"), golden.mask());
    }

    /// The mean over all texts.
    private static Loss classes(GoldenCase golden, RobertaClassifier model, PaddedTokens tokens) {
        double[] labels = golden.input("labels").values();
        if (model.labels() > 1 && Arrays.stream(labels).anyMatch(label -> label < 0)) {
            throw new NotReplayed("every text has a class here; labels below 0 are not replayed");
        }
        LabelledBatch batch = new LabelledBatch(tokens.batch(), labels);
        return tape -> model.loss(tape, batch, 0, 1.0 / batch.labelled());
    }

    /// The mean over the labelled places.
    private static Loss hidden(GoldenCase golden, RobertaMaskedLm model, PaddedTokens tokens) {
        int[] labels = golden.input("labels").ints();
        TokenBatch batch = tokens.batch((s, t) -> labels[s * tokens.length() + t]);
        return tape -> model.loss(tape, batch, 0, 1.0 / batch.labelled()).loss();
    }

    @Override
    public void forward() {
        if (golden.has("logits")) {
            logits("logits", "ragged");
        }
        new InsideChecks(golden, pool, tokens).check(model);
    }

    @Override
    public void logits(String tensor, String how) {
        logits(tensor, how, tokens);
    }

    private void logits(String tensor, String how, PaddedTokens places) {
        requireSameWithoutPadding(places);
        try (Tape tape = Tape.inference(pool)) {
            Activation made = logits.apply(tape, places.batch());
            double[] rows = Downloads.doubles(pool.backend(), made.value());
            int width = made.shape().cols();
            if (golden.expected(tensor).shape().rank() == 2) {
                golden.check(tensor, how, rows);
            } else {
                golden.check(tensor, how, places.spread(rows, width), places.padding(width));
            }
        }
    }

    /// Positions depend on the ids before a token, masked ones included, and a classifier reads the first place, masked
    /// or not: without padding both have to be the same.
    private void requireSameWithoutPadding(PaddedTokens places) {
        for (int s = 0; s < places.count(); s++) {
            boolean[] real = places.real()[s];
            if (!real[0]) {
                throw new NotReplayed("text %d has padding before it; only padding behind texts is replayed"
                        .formatted(s));
            }
            int[] all = positions(places.ids()[s]);
            int[] kept = IntStream.range(0, all.length).filter(t -> real[t]).map(t -> all[t]).toArray();
            if (!Arrays.equals(kept, positions(places.row(s)))) {
                throw new NotReplayed("text %d has masked tokens that count as positions; a batch without padding "
                        + "numbers the others differently".formatted(s));
            }
        }
    }

    private int[] positions(int[] ids) {
        return RobertaPositions.of(ids, Sequences.of(ids.length), padding);
    }

    @Override
    public void others() {
        if (golden.has("position_ids_expected")) {
            golden.check("position_ids_expected", Arrays.stream(tokens.ids())
                    .flatMapToInt(row -> Arrays.stream(positions(row))).asDoubleStream().toArray());
        }
        if (golden.has("nomask.logits")) {
            logits("nomask.logits", "", tokens.withoutMask());
        }
        if (golden.has("midpad.logits")) {
            logits("midpad.logits", "padding inside of the text",
                    PaddedTokens.of(golden.input("midpad.input_ids"), golden.mask()));
        }
    }

    @Override
    public Map<String, Loss> losses() {
        return loss.map(of -> Map.of("", of)).orElse(Map.of());
    }

    @Override
    public Optional<Loss> trainingLoss() {
        return loss;
    }
}
