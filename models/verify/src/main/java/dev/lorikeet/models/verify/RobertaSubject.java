package dev.lorikeet.models.verify;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.models.HostValues;
import dev.lorikeet.models.batch.LabelledBatch;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.inspect.Inspectable;
import dev.lorikeet.models.roberta.RobertaClassifier;
import dev.lorikeet.models.roberta.RobertaMaskedLm;
import dev.lorikeet.models.roberta.RobertaPositions;
import dev.lorikeet.models.verify.golden.GoldenCase;
import dev.lorikeet.models.verify.golden.NotReplayed;
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
    private final boolean classifier;
    private final Optional<Loss> loss;

    private RobertaSubject(
            GoldenCase golden, Pool pool, Inspectable model, BiFunction<Tape, TokenBatch, Activation> logits,
            PaddedTokens tokens, int padding, boolean classifier, Optional<Loss> loss) {
        this.golden = golden;
        this.pool = pool;
        this.model = model;
        this.logits = logits;
        this.tokens = tokens;
        this.padding = padding;
        this.classifier = classifier;
        this.loss = loss;
    }

    static RobertaSubject of(GoldenCase golden, Pool pool, RobertaClassifier model) {
        int padding = model.config().padTokenId();
        PaddedTokens tokens = read(golden, "input_ids", padding, (_, t) -> t == 0);
        return new RobertaSubject(golden, pool, model, model::logits, tokens, padding, true,
                golden.has("labels") ? Optional.of(classes(golden, model, tokens)) : Optional.empty());
    }

    static RobertaSubject of(GoldenCase golden, Pool pool, RobertaMaskedLm model) {
        int padding = model.config().padTokenId();
        int[] labels = golden.has("labels") ? golden.input("labels").ints() : null;
        PaddedTokens all = PaddedTokens.of(golden.input("input_ids"), golden.mask());
        boolean[] blind = all.blind(false);
        PaddedTokens tokens = read(golden, "input_ids", padding, (s, t) ->
                labels != null && labels[s * all.length() + t] >= 0 && !blind[s * all.length() + t]);
        return new RobertaSubject(golden, pool, model, model::logits, tokens, padding, false,
                labels == null ? Optional.empty() : Optional.of(hidden(labels, model, tokens)));
    }

    /// Hidden places are in the batch where somebody reads them, and before those where they count as positions, which
    /// depend on the ids and not on the mask.
    ///
    /// @param place whether a head or a label reads a place, hidden or not
    private static PaddedTokens read(GoldenCase golden, String ids, int padding, PaddedTokens.Place place) {
        if (golden.has("token_type_ids") && Arrays.stream(golden.input("token_type_ids").ints()).anyMatch(t -> t > 0)) {
            throw new NotReplayed("RoBERTa has one type of token, 0; other token_type_ids are not replayed");
        }
        PaddedTokens tokens = PaddedTokens.of(golden.input(ids), golden.mask());
        int[] last = new int[tokens.count()];
        for (int s = 0; s < tokens.count(); s++) {
            for (int t = 0; t < tokens.length(); t++) {
                last[s] = tokens.real()[s][t] || place.is(s, t) ? t : last[s];
            }
        }
        return tokens.keeping((s, t) -> place.is(s, t) || tokens.ids()[s][t] != padding && t < last[s]);
    }

    /// The mean over all texts with a class, or over all numbers.
    private static Loss classes(GoldenCase golden, RobertaClassifier model, PaddedTokens tokens) {
        double[] labels = golden.input("labels").values();
        int[] labelled = IntStream.range(0, labels.length)
                .filter(s -> model.labels() == 1 || labels[s] != TokenBatch.IGNORED).toArray();
        PaddedTokens texts = tokens.chosen(labelled);
        for (int s = 0; s < texts.count(); s++) {
            if (texts.row(s).length == 0) {
                throw new NotReplayed(("the mask hides every token of text %d, so that what it computes depends on "
                        + "the library's version, but it has a label").formatted(labelled[s]));
            }
        }
        LabelledBatch batch =
                new LabelledBatch(texts.batch(), Arrays.stream(labelled).mapToDouble(s -> labels[s]).toArray());
        return tape -> model.loss(tape, batch, 0, 1.0 / batch.labelled());
    }

    /// The mean over the labelled places.
    private static Loss hidden(int[] labels, RobertaMaskedLm model, PaddedTokens tokens) {
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
        try (Tape tape = Tape.inference(pool)) {
            Activation made = logits.apply(tape, places.batch());
            double[] rows = HostValues.doubles(pool.backend(), made.value());
            int width = made.shape().cols();
            if (classifier) {
                boolean[] blind = new boolean[rows.length];
                for (int i = 0; i < rows.length; i++) {
                    blind[i] = places.row(i / width).length == 0;
                }
                golden.check(tensor, how, rows, blind);
            } else {
                golden.check(tensor, how, places.spread(rows, width), places.absent(width));
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
                    read(golden, "midpad.input_ids", padding, (_, t) -> classifier && t == 0));
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
