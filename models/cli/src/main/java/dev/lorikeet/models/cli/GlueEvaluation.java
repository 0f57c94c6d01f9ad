package dev.lorikeet.models.cli;

import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.models.BaseModel;
import dev.lorikeet.models.ConfigException;
import dev.lorikeet.models.data.EncodedSentences;
import dev.lorikeet.models.roberta.RobertaClassifier;
import dev.lorikeet.models.roberta.RobertaConfig;
import dev.lorikeet.models.task.GlueTask;
import dev.lorikeet.models.train.TaskEvaluation;
import dev.lorikeet.models.train.TaskEvaluator;
import dev.lorikeet.tensor.Pool;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// `lorikeet evaluate` for a GLUE task.
///
/// @param task      the task
/// @param data      file or directory with its held-out data
/// @param maxLength longest sequence, or null for what the model takes
/// @param batch     sentences per batch
record GlueEvaluation(GlueTask task, Path data, Integer maxLength, int batch) {
    /// The metrics of a base with adapters, and what a model that always says the same reaches.
    ///
    /// @param evaluation the metrics
    /// @param sets       the held-out sentences by name
    record Result(TaskEvaluation evaluation, Map<String, EncodedSentences> sets) {}

    Result of(BaseModel base, AdapterOption adapter, Pool pool) {
        List<StoredAdapter> stored = adapter.read();
        RobertaConfig config = base.config(RobertaConfig.class).with(stored);
        if (config.head() != RobertaConfig.Head.CLASSIFICATION || config.labels().size() != task.labels().size()) {
            throw new ConfigException(base.directory().resolve("config.json"),
                    config.head() == RobertaConfig.Head.CLASSIFICATION
                            ? "the head has %d classes, %s has %d".formatted(
                                    config.labels().size(), task.title(), task.labels().size())
                            : "the model has no classification head",
                    "give --adapter with a head trained on " + task.title());
        }
        Map<String, EncodedSentences> sets = GlueSets.read(task, data, GlueSets.layout(base, maxLength));
        try (AdapterOption.Attached<RobertaClassifier> attached = adapter.attach(base, config.classifier())) {
            TaskEvaluation evaluation =
                    new TaskEvaluator(pool, attached.model(), task.metrics(), sets, batch).evaluate();
            if (!Double.isFinite(evaluation.figures().get("loss"))) {
                base.requireFinite();
                throw new IllegalArgumentException("the loss on the held-out data is %s: the model's numbers are too "
                        .formatted(evaluation.figures().get("loss")) + "large for what it computes in");
            }
            return new Result(evaluation, sets);
        }
    }

    void print(Result result, boolean json, PrintWriter out) {
        if (json) {
            out.println(result.evaluation().figures().entrySet().stream()
                    .map(each -> String.format(Locale.ROOT, "\"%s\": %s", each.getKey(),
                            Double.isFinite(each.getValue())
                                    ? String.format(Locale.ROOT, "%.8g", each.getValue()) : "null"))
                    .collect(Collectors.joining(", ", "{", "}")));
            return;
        }
        out.printf("%s: %s%nheld out: %s%n", task.title(), result.evaluation(),
                GlueSets.describe(task, result.sets()));
    }
}
