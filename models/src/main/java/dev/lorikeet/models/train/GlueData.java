package dev.lorikeet.models.train;

import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.StoredTensor;
import dev.lorikeet.models.ConfigException;
import dev.lorikeet.models.SequenceClassifier;
import dev.lorikeet.models.base.BaseModel;
import dev.lorikeet.models.batch.LabelledBatch;
import dev.lorikeet.models.choice.ChoiceException;
import dev.lorikeet.models.data.EncodedSentences;
import dev.lorikeet.models.data.GlueFile;
import dev.lorikeet.models.data.SentenceLayout;
import dev.lorikeet.models.method.Tunable;
import dev.lorikeet.models.roberta.RobertaConfig;
import dev.lorikeet.models.task.GlueTask;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// A GLUE task: classes, or a number, of sentences and pairs of them.
///
/// @param task      the task
/// @param train     file or directory of what to train on
/// @param valid     file or directory of what is held out; null for what `train` has beside its file
/// @param maxLength longest sequence, longer ones are cut; null for what the model takes
public record GlueData(GlueTask task, Path train, Path valid, Integer maxLength)
        implements TaskData<SequenceClassifier, LabelledBatch> {
    /// Sentences that are judged at once, at least: nothing is saved for a backward pass.
    private static final int SMALLEST_EVALUATION = 16;

    /// Path of the head in the model.
    private static final String HEAD = "classifier";

    @Override
    public GlueExamples examples(BaseModel base, OptionalDouble dropout, int batch) {
        RobertaConfig headed = base.config(RobertaConfig.class).withLabels(task.labels());
        RobertaConfig config = dropout.isPresent() ? headed.withDropout(dropout.getAsDouble()) : headed;
        SentenceLayout layout = layout(base);
        GlueFile file = task.train(train);
        EncodedSentences examples = EncodedSentences.of(file.rows(), layout);
        GlueHeldOut heldOut = new GlueHeldOut(config.classifier(), task,
                sets(valid == null ? train : valid, layout), Math.max(SMALLEST_EVALUATION, batch));
        Tunable<SequenceClassifier> model =
                new Tunable<>(base.store(), config.classifier(), List.of(HEAD), this::fit);
        return new GlueExamples(model, config, examples, file.skipped(), layout.maxLength(), heldOut);
    }

    /// A head for other classes is left behind.
    private StoredAdapter fit(StoredAdapter stored) {
        StoredTensor last = stored.saved().get(HEAD + ".out_proj.weight");
        return last != null && last.shape().dim(0) == task.labels().size() ? stored : stored.withNew(HEAD);
    }

    @Override
    public GlueHeldOut heldOut(BaseModel base, Collection<StoredAdapter> adapters, int batch) {
        RobertaConfig config = base.config(RobertaConfig.class).with(adapters);
        boolean judges = config.head() == RobertaConfig.Head.CLASSIFICATION;
        if (!judges || config.labels().size() != task.labels().size()) {
            throw new ChoiceException("%s: %s; give an adapter with a head trained on %s".formatted(
                    base.directory().resolve("config.json"),
                    judges ? "the head has %d classes, %s has %d".formatted(
                            config.labels().size(), task.title(), task.labels().size())
                            : "the model has no classification head",
                    task.title()), "adapter");
        }
        return new GlueHeldOut(config.classifier(), task, sets(valid, layout(base)), batch);
    }

    private Map<String, EncodedSentences> sets(Path data, SentenceLayout layout) {
        Map<String, EncodedSentences> sets = new LinkedHashMap<>();
        task.heldOut(data).forEach(part -> sets.put(part.name(), EncodedSentences.of(part.data().rows(), layout)));
        return sets;
    }

    /// How sentences are given to a model: at most as many tokens as it has positions for.
    private SentenceLayout layout(BaseModel base) {
        int longest = base.config().maxPositions();
        int shortest = SentenceLayout.AROUND_PAIR + 2;
        if (longest < shortest) {
            throw new ConfigException(base.directory().resolve("config.json"),
                    "max_position_embeddings leaves %d tokens for a text".formatted(longest),
                    "a pair of sentences needs at least " + shortest);
        }
        if (maxLength != null && (maxLength > longest || maxLength < shortest)) {
            throw new ChoiceException(maxLength > longest
                    ? "a maximum length of %d is more than the %d tokens that the model has positions for".formatted(
                            maxLength, longest)
                    : "a maximum length of %d is less than the %d tokens that a pair of sentences needs".formatted(
                            maxLength, shortest),
                    "maxLength");
        }
        return new SentenceLayout(base.tokenizer(), maxLength == null ? longest : maxLength);
    }

    @Override
    public String fingerprint() {
        return "task=%s data=%s valid=%s".formatted(task.title(), Fingerprint.name(train), Fingerprint.name(valid));
    }
}
