package dev.lorikeet.models.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.models.metric.nlg.MeteorTables;
import dev.lorikeet.models.metric.nlg.ScoredTask;
import dev.lorikeet.models.metric.nlg.Segment;
import dev.lorikeet.models.metric.nlg.TextMetric;
import dev.lorikeet.models.metric.nlg.TextScore;
import dev.lorikeet.tensor.io.AtomicFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `lorikeet score`: written texts against references, as the benchmark's own scorer counts.
@Command(
        name = "score",
        description = "Score texts against references with the metrics of a benchmark.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Files are plain or gzip. References of e2e: one a line, an empty line behind each group. Of other tasks:",
            "one file per reference, an empty line where a segment has fewer; or one file, several lines each.",
            "",
            "Examples:",
            "  lorikeet score --task e2e --refs test_refs.txt --hyps mine.txt --meteor-data meteor-1.5/data",
            "  lorikeet score --task webnlg --refs reference0.lex,reference1.lex,reference2.lex --hyps team.txt",
            "  lorikeet score --task text --refs summaries.txt --hyps mine.txt --metrics rouge-l --json"
        })
final class ScoreCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--task", required = true, paramLabel = "TASK", description = "e2e, webnlg, dart or text.")
    private String task;

    @Option(names = "--refs", required = true, split = ",", paramLabel = "FILE", description = "References.")
    private List<Path> references;

    @Option(names = "--hyps", required = true, paramLabel = "FILE", description = "What is scored, one text a line.")
    private Path hypotheses;

    @Option(names = "--metrics", split = ",", paramLabel = "NAME",
            description = "Some of the task's metrics. Default: all. e2e: bleu, nist, meteor, rouge-l, cider; webnlg, "
                    + "dart: bleu, meteor, ter; text: sacrebleu, rouge-1, rouge-2, rouge-l.")
    private List<String> metrics = List.of();

    @Option(names = "--meteor-data", paramLabel = "DIR",
            description = "METEOR 1.5's own tables, for its synonyms, paraphrases and function words. Without them "
                    + "only equal words and stems match.")
    private Path meteorData;

    @Option(names = "--segments", paramLabel = "FILE", description = "Write the scores of each segment, as TSV.")
    private Path segmentsFile;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        ScoredTask scored = Arrays.stream(ScoredTask.values())
                .filter(each -> each.title().equals(task))
                .findFirst()
                .orElseThrow(() -> bad("--task: expected one of %s, found '%s'".formatted(
                        Arrays.stream(ScoredTask.values()).map(ScoredTask::title).collect(Collectors.joining(", ")),
                        task)));
        List<String> names = metrics.isEmpty() ? scored.metrics() : metrics;
        names.stream().filter(name -> !scored.metrics().contains(name)).findFirst().ifPresent(name -> {
            throw bad("--metrics: %s is judged by %s, not by '%s'".formatted(
                    task, String.join(", ", scored.metrics()), name));
        });
        if (scored == ScoredTask.E2E && references.size() > 1) {
            throw bad("--refs: e2e has one file of references, found " + references.size());
        }
        MeteorTables tables = meteorData == null ? MeteorTables.none() : MeteorTables.read(meteorData);
        List<Segment> segments = scored.read(references, hypotheses);
        warnOfEmpty(segments);
        Map<TextMetric, TextScore> scores = new LinkedHashMap<>();
        for (String name : names) {
            TextMetric metric = scored.metric(name, tables);
            scores.put(metric, metric.of(segments));
        }
        if (segmentsFile != null) {
            AtomicFile.write(segmentsFile, table(scores, segments.size()).getBytes(StandardCharsets.UTF_8));
        }
        print(scores, segments.size());
        return 0;
    }

    private ParameterException bad(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private void warnOfEmpty(List<Segment> segments) {
        long empty = segments.stream().filter(segment -> segment.hypothesis().isBlank()).count();
        if (empty > 0) {
            PrintWriter err = spec.commandLine().getErr();
            err.printf(Locale.ROOT, "%s: %d of %d lines are empty, and scored as such%n", hypotheses, empty,
                    segments.size());
            err.flush();
        }
    }

    private void print(Map<TextMetric, TextScore> scores, int segments) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ObjectNode root = new ObjectMapper().createObjectNode().put("task", task).put("segments", segments);
            ObjectNode values = root.putObject("scores");
            ObjectNode details = root.putObject("details");
            scores.forEach((metric, score) -> {
                values.put(metric.name(), score.corpus());
                details.put(metric.name(), score.detail());
            });
            out.println(new ObjectMapper().writeValueAsString(root));
        } else {
            scores.forEach((metric, score) -> out.println(String.format(
                    Locale.ROOT, "%-10s %10.6f   %s", metric.name(), score.corpus(), score.detail()).stripTrailing()));
        }
        out.flush();
    }

    private static String table(Map<TextMetric, TextScore> scores, int segments) {
        StringBuilder text = new StringBuilder("line");
        scores.keySet().forEach(metric -> text.append('\t').append(metric.name()));
        List<double[]> columns = scores.values().stream().map(TextScore::segments).toList();
        for (int i = 0; i < segments; i++) {
            text.append('\n').append(i + 1);
            for (double[] column : columns) {
                text.append('\t').append(String.format(Locale.ROOT, "%.6f", column[i]));
            }
        }
        return text.append('\n').toString();
    }
}
