package dev.lorikeet.models.train;

import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.models.Classification;
import dev.lorikeet.models.ConfigException;
import dev.lorikeet.models.ModelConfig;
import dev.lorikeet.models.SequenceClassifier;
import dev.lorikeet.models.base.BaseModel;
import dev.lorikeet.models.batch.LabelledBatch;
import dev.lorikeet.models.choice.ChoiceException;
import dev.lorikeet.models.data.EncodedSentences;
import dev.lorikeet.models.data.GlueFile;
import dev.lorikeet.models.data.SentenceLayout;
import dev.lorikeet.models.method.Tunable;
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

    private static final String CLASSIFIES = "classify texts";

    @Override
    public GlueExamples examples(BaseModel base, OptionalDouble dropout, int batch) {
        ModelConfig config = dropout.isPresent() ? base.config().withDropout(dropout.getAsDouble()) : base.config();
        Classification classifier = base.capable(_ -> config.classification(task.labels()), CLASSIFIES);
        SentenceLayout layout = layout(base);
        GlueFile file = task.train(train);
        EncodedSentences examples = EncodedSentences.of(file.rows(), layout);
        GlueHeldOut heldOut = new GlueHeldOut(classifier.architecture(), task,
                sets(valid == null ? train : valid, layout), Math.max(SMALLEST_EVALUATION, batch));
        Tunable<SequenceClassifier> model = new Tunable<>(base.store(), classifier.architecture(),
                List.of(classifier.head()), stored -> fit(stored, base.config(), classifier.head()));
        return new GlueExamples(model, classifier.config(), examples, file.skipped(), layout.maxLength(), heldOut);
    }

    /// A head for other classes is left behind.
    private StoredAdapter fit(StoredAdapter stored, ModelConfig base, String head) {
        boolean brings = stored.saved().keySet().stream().anyMatch(path -> path.startsWith(head + "."));
        boolean fits = brings && base.with(List.of(stored)).classification()
                .filter(classifier -> classifier.labels() == task.labels().size()).isPresent();
        return fits ? stored : stored.withNew(head);
    }

    @Override
    public GlueHeldOut heldOut(BaseModel base, Collection<StoredAdapter> adapters, int batch) {
        base.capable(config -> config.classification(task.labels()), CLASSIFIES);
        Classification classifier = base.config().with(adapters).classification()
                .orElseThrow(() -> noHead(base, "the model has no classification head"));
        if (classifier.labels() != task.labels().size()) {
            throw noHead(base, "the head has %d classes, %s has %d".formatted(
                    classifier.labels(), task.title(), task.labels().size()));
        }
        return new GlueHeldOut(classifier.architecture(), task, sets(valid, layout(base)), batch);
    }

    private ChoiceException noHead(BaseModel base, String found) {
        return new ChoiceException("%s: %s; give an adapter with a head trained on %s".formatted(
                base.directory().resolve("config.json"), found, task.title()), "adapter");
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
