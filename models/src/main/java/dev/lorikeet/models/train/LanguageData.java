package dev.lorikeet.models.train;

import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.models.Architecture;
import dev.lorikeet.models.LanguageModel;
import dev.lorikeet.models.ModelConfig;
import dev.lorikeet.models.base.BaseModel;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.choice.ChoiceException;
import dev.lorikeet.models.data.LimitedExamples;
import dev.lorikeet.models.method.Tunable;
import dev.lorikeet.models.task.LanguageTask;
import dev.lorikeet.models.text.Tokenizer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalDouble;

/// A task of predicting the next token.
///
/// @param task            how files are read
/// @param train           what to train on; null for data that are generated
/// @param valid           what is held out; null for nothing, or data that are generated
/// @param maxLength       longest sequence, longer examples are cut; null for what the model takes
/// @param heldOutExamples how many of the held-out examples are looked at; 0 for all
public record LanguageData(LanguageTask task, Path train, Path valid, Integer maxLength, int heldOutExamples)
        implements TaskData<LanguageModel, TokenBatch> {
    /// A small task that needs no file: say in a sentence what a record says about an invented restaurant.
    public static LanguageData restaurants() {
        return new LanguageData(LanguageTask.RESTAURANTS, null, null, null, 0);
    }

    /// Prompts and completions, `{"prompt": …, "completion": …}` in each line.
    ///
    /// @param valid what is held out, or null
    public static LanguageData jsonLines(Path train, Path valid) {
        return new LanguageData(LanguageTask.JSONL, train, valid, null, 0);
    }

    /// With fewer held-out examples to look at: an evaluation takes as long as they do.
    public LanguageData withHeldOut(int examples) {
        return new LanguageData(task, train, valid, maxLength, examples);
    }

    @Override
    public LanguageExamples examples(BaseModel base, OptionalDouble dropout, int batch) {
        if (train == null && task.needsFile()) {
            throw new ChoiceException("the task %s reads a file: name one".formatted(task.title()), "data");
        }
        ModelConfig config = dropout.isPresent() ? base.config().withDropout(dropout.getAsDouble()) : base.config();
        Architecture<? extends LanguageModel> architecture = architecture(base, config);
        Tokenizer tokenizer = base.tokenizer();
        LimitedExamples examples = task.examples(train, false, tokenizer, rows(base));
        Optional<LanguageHeldOut> heldOut = valid == null && task.needsFile() ? Optional.empty()
                : Optional.of(heldOut(base, architecture, tokenizer, batch));
        return new LanguageExamples(
                Tunable.of(base.store(), architecture), config, examples, rows(base), heldOut);
    }

    @Override
    public LanguageHeldOut heldOut(BaseModel base, Collection<StoredAdapter> adapters, int batch) {
        return heldOut(base, architecture(base, base.config()), base.tokenizer(), batch);
    }

    private static Architecture<? extends LanguageModel> architecture(BaseModel base, ModelConfig config) {
        return base.capable(_ -> config.languageModel(), "predict the next token");
    }

    private LanguageHeldOut heldOut(
            BaseModel base, Architecture<? extends LanguageModel> architecture, Tokenizer tokenizer, int batch) {
        if (valid == null && task.needsFile()) {
            throw new ChoiceException("the task %s reads a file: name one".formatted(task.title()), "data");
        }
        LimitedExamples examples = task.examples(valid, true, tokenizer, rows(base));
        return new LanguageHeldOut(
                architecture, HeldOut.of(examples.examples(), tokenizer, batch, heldOutExamples));
    }

    private int rows(BaseModel base) {
        int longest = base.config().maxPositions();
        return maxLength == null ? longest : Math.min(maxLength, longest);
    }

    @Override
    public String fingerprint() {
        return "task=%s data=%s valid=%s eval-examples=%d".formatted(
                task.title(), Fingerprint.name(train), Fingerprint.name(valid), heldOutExamples);
    }
}
