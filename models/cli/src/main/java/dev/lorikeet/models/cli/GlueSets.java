package dev.lorikeet.models.cli;

import dev.lorikeet.models.BaseModel;
import dev.lorikeet.models.ConfigException;
import dev.lorikeet.models.data.EncodedSentences;
import dev.lorikeet.models.data.SentenceLayout;
import dev.lorikeet.models.task.GlueTask;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// Held-out sentences of a GLUE task, by name of the set.
final class GlueSets {
    private GlueSets() {}

    /// How sentences are given to a model: at most as many tokens as it has positions for.
    ///
    /// @param asked `--max-length`, or null
    /// @throws IllegalArgumentException if the model cannot take so many, or no token of a pair would be left
    static SentenceLayout layout(BaseModel base, Integer asked) {
        int longest = base.config().maxPositions();
        int shortest = SentenceLayout.AROUND_PAIR + 2;
        if (longest < shortest) {
            throw new ConfigException(base.directory().resolve("config.json"),
                    "max_position_embeddings leaves %d tokens for a text".formatted(longest),
                    "a pair of sentences needs at least " + shortest);
        }
        if (asked != null && (asked > longest || asked < shortest)) {
            throw new IllegalArgumentException(asked > longest
                    ? "--max-length %d is more than the %d tokens that the model has positions for".formatted(
                            asked, longest)
                    : "--max-length %d is less than the %d tokens that a pair of sentences needs".formatted(
                            asked, shortest));
        }
        return new SentenceLayout(base.tokenizer(), asked == null ? longest : asked);
    }

    static Map<String, EncodedSentences> read(GlueTask task, Path data, SentenceLayout layout) {
        Map<String, EncodedSentences> sets = new LinkedHashMap<>();
        task.heldOut(data).forEach(part -> sets.put(part.name(), EncodedSentences.of(part.data().rows(), layout)));
        return sets;
    }

    /// `581, of which 0.5095 are of one class`: what a model that always says the same reaches.
    static String describe(GlueTask task, Map<String, EncodedSentences> sets) {
        return sets.entrySet().stream()
                .map(set -> "%s%,d%s".formatted(set.getKey().isEmpty() ? "" : set.getKey() + " ",
                        set.getValue().size(), task.isRegression() ? "" : String.format(
                                Locale.ROOT, ", of which %.4f are of one class", majority(set.getValue()))))
                .collect(Collectors.joining("; "));
    }

    /// Share of the most frequent class.
    private static double majority(EncodedSentences sentences) {
        Map<Double, Long> counts = Arrays.stream(sentences.labels()).boxed()
                .collect(Collectors.groupingBy(label -> label, Collectors.counting()));
        return (double) counts.values().stream().mapToLong(n -> n).max().orElse(0) / sentences.size();
    }
}
