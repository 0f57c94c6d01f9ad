package dev.lorikeet.models.train;

import dev.lorikeet.models.Architecture;
import dev.lorikeet.models.SequenceClassifier;
import dev.lorikeet.models.data.EncodedSentences;
import dev.lorikeet.models.task.GlueTask;
import dev.lorikeet.tensor.Pool;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// Held-out sentences of a GLUE task.
///
/// @param architecture of the model that judges them
/// @param task         the task
/// @param sets         the sentences by name of the set
/// @param batch        sentences of a batch
public record GlueHeldOut(
        Architecture<? extends SequenceClassifier> architecture, GlueTask task, Map<String, EncodedSentences> sets,
        int batch) implements HeldOutExamples<SequenceClassifier> {
    @Override
    public TaskEvaluator evaluator(Pool pool, SequenceClassifier model) {
        return new TaskEvaluator(pool, model, task.metrics(), sets, batch);
    }

    /// `581, of which 0.5095 are of one class`: what a model that always says the same reaches.
    public String describe() {
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
