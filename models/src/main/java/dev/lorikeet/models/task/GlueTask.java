package dev.lorikeet.models.task;

import dev.lorikeet.models.data.DataException;
import dev.lorikeet.models.data.GlueFile;
import dev.lorikeet.models.data.GlueFormat;
import dev.lorikeet.models.metric.Accuracy;
import dev.lorikeet.models.metric.F1;
import dev.lorikeet.models.metric.MatthewsCorrelation;
import dev.lorikeet.models.metric.Metric;
import dev.lorikeet.models.metric.PearsonCorrelation;
import dev.lorikeet.models.metric.SpearmanCorrelation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// The tasks of the GLUE benchmark (Wang et al. 2019) on which the LoRA paper adapts RoBERTa and DeBERTa; without WNLI,
/// as there. The order of the classes is that of the paper's scripts, the first metric the one of its Table 2.
public enum GlueTask implements Task {
    /// Whether a premise entails a hypothesis, says nothing of it, or contradicts it.
    MNLI("MNLI", List.of("entailment", "neutral", "contradiction"),
            new GlueFormat(List.of(), "sentence1", "sentence2", "gold_label",
                    List.of("entailment", "neutral", "contradiction"), List.of("premise", "hypothesis", "label"),
                    false),
            new Accuracy()),
    /// Whether a phrase of a film review is positive.
    SST_2("SST-2", List.of("negative", "positive"),
            GlueFormat.withHeader("sentence", null, "label", List.of("0", "1")), new Accuracy()),
    /// Whether two sentences say the same.
    MRPC("MRPC", List.of("not_equivalent", "equivalent"),
            GlueFormat.withHeader("#1 String", "#2 String", "Quality", List.of("0", "1")), new Accuracy(), new F1()),
    /// Whether a sentence is grammatical English.
    COLA("CoLA", List.of("unacceptable", "acceptable"),
            new GlueFormat(List.of("source", "label", "mark", "sentence"), "sentence", null, "label",
                    List.of("0", "1"), List.of(), false),
            new MatthewsCorrelation()),
    /// Whether a sentence answers a question.
    QNLI("QNLI", List.of("entailment", "not_entailment"),
            GlueFormat.withHeader("question", "sentence", "label", List.of("entailment", "not_entailment")),
            new Accuracy()),
    /// Whether two questions ask the same. The official files have rows that break off, which are left out.
    QQP("QQP", List.of("not_duplicate", "duplicate"),
            new GlueFormat(List.of(), "question1", "question2", "is_duplicate", List.of("0", "1"), List.of(), true),
            new Accuracy(), new F1()),
    /// Whether one sentence entails the other.
    RTE("RTE", List.of("entailment", "not_entailment"),
            GlueFormat.withHeader("sentence1", "sentence2", "label", List.of("entailment", "not_entailment")),
            new Accuracy()),
    /// How similar two sentences are, from 0 to 5.
    STS_B("STS-B", List.of("score"), GlueFormat.withHeader("sentence1", "sentence2", "score", List.of()),
            new PearsonCorrelation(), new SpearmanCorrelation());

    private static final List<String> ENDINGS = List.of(".tsv", ".tsv.gz", ".jsonl", ".jsonl.gz");

    private final String folder;
    private final List<String> labels;
    private final GlueFormat format;
    private final List<Metric> metrics;

    GlueTask(String folder, List<String> labels, GlueFormat format, Metric... metrics) {
        this.folder = folder;
        this.labels = labels;
        this.format = format;
        this.metrics = List.of(metrics);
    }

    @Override
    public String title() {
        return folder.toLowerCase(Locale.ROOT);
    }

    /// Names of the classes by number; one name for a task whose label is a value.
    public List<String> labels() {
        return labels;
    }

    /// Whether the label is a value, not a class.
    public boolean isRegression() {
        return labels.size() == 1;
    }

    /// How predictions are judged; the first one decides which weights are the best.
    public List<Metric> metrics() {
        return metrics;
    }

    /// A part of the task's data.
    ///
    /// @param name empty, or which of several held-out sets it is (`matched`, `mismatched`)
    /// @param data the examples
    public record Part(String name, GlueFile data) {}

    /// Reads what to train on.
    ///
    /// @param data a file, the directory with `train.tsv`, or the one with all tasks (official layout)
    /// @throws DataException if there is none or it cannot be used
    public GlueFile train(Path data) {
        Path file = Files.isDirectory(data) ? require(data, List.of("train", "train_subset")) : data;
        return GlueFile.read(file, format);
    }

    /// Reads what to evaluate on: one set, or MNLI's matched and mismatched ones as far as they are there.
    ///
    /// @param data a file, the directory with `dev.tsv`, or the one with all tasks (official layout)
    /// @throws DataException if there is none or it cannot be used
    public List<Part> heldOut(Path data) {
        if (!Files.isDirectory(data)) {
            return List.of(new Part("", GlueFile.read(data, format)));
        }
        List<Part> parts = new ArrayList<>();
        if (this == MNLI) {
            for (String name : List.of("matched", "mismatched")) {
                find(data, "dev_" + name).map(file -> new Part(name, GlueFile.read(file, format)))
                        .forEach(parts::add);
            }
        }
        if (parts.isEmpty()) {
            parts.add(new Part("", GlueFile.read(require(data, this == MNLI
                    ? List.of("dev_matched", "dev_mismatched", "dev") : List.of("dev")), format)));
        }
        return parts;
    }

    private Path require(Path directory, List<String> stems) {
        return stems.stream().flatMap(stem -> find(directory, stem)).findFirst().orElseThrow(() -> DataException.none(
                directory, "%s's file %s (%s)".formatted(folder, String.join(" or ", stems),
                        String.join(", ", ENDINGS))));
    }

    private Stream<Path> find(Path directory, String stem) {
        Path own = Files.isDirectory(directory.resolve(folder)) ? directory.resolve(folder) : directory;
        return ENDINGS.stream().map(ending -> own.resolve(stem + ending)).filter(Files::exists).limit(1);
    }
}
