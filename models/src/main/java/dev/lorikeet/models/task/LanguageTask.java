package dev.lorikeet.models.task;

import dev.lorikeet.models.data.E2e;
import dev.lorikeet.models.data.Examples;
import dev.lorikeet.models.data.GeneratedRestaurants;
import dev.lorikeet.models.data.JsonLines;
import dev.lorikeet.models.data.LimitedExamples;
import dev.lorikeet.models.data.PlainText;
import dev.lorikeet.models.data.PromptLayout;
import dev.lorikeet.models.data.TextPair;
import dev.lorikeet.models.text.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A kind of text that a language model is adapted to.
public enum LanguageTask implements Task {
    /// E2E NLG in the paper's `mr||ref` form or the original CSV; see [E2e].
    E2E,
    /// One `{"prompt": …, "completion": …}` per line.
    JSONL,
    /// Plain text, every token predicted.
    TEXT,
    /// Sentences about invented restaurants that the project generates itself; needs no file. See
    /// [GeneratedRestaurants].
    RESTAURANTS;

    private static final int GENERATED_TRAIN = 6000;
    private static final int GENERATED_HELD_OUT = 400;
    private static final long GENERATOR_SEED = 2021;

    /// Prompts and completions, or empty for plain text, which has none.
    ///
    /// @param file    the data; ignored by [#RESTAURANTS]
    /// @param heldOut which half of generated data is meant
    /// @throws dev.lorikeet.models.data.DataException if the file cannot be used
    public Optional<List<TextPair>> pairs(Path file, boolean heldOut) {
        return switch (this) {
            case E2E -> Optional.of(E2e.pairs(file));
            case JSONL -> Optional.of(JsonLines.pairs(file));
            case TEXT -> Optional.empty();
            case RESTAURANTS -> {
                GeneratedRestaurants generated = new GeneratedRestaurants(GENERATOR_SEED);
                yield Optional.of(heldOut ? generated.heldOut(GENERATED_HELD_OUT) : generated.train(GENERATED_TRAIN));
            }
        };
    }

    /// The examples of a file, none longer than `maxLength` rows.
    ///
    /// @throws dev.lorikeet.models.data.DataException if the file cannot be used
    public LimitedExamples examples(Path file, boolean heldOut, Tokenizer tokenizer, int maxLength) {
        Examples examples = pairs(file, heldOut)
                .map(pairs -> new PromptLayout(tokenizer).examples(pairs))
                .orElseGet(() -> PlainText.read(List.of(file), tokenizer, maxLength));
        return LimitedExamples.truncate(examples, maxLength);
    }

    @Override
    public String title() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Whether this task reads a file.
    public boolean needsFile() {
        return this != RESTAURANTS;
    }
}
