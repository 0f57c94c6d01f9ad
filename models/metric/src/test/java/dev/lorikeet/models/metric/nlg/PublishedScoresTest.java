package dev.lorikeet.models.metric.nlg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.models.SharedData;
import dev.lorikeet.models.data.DataFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The scores that benchmarks published, to their last digit, over the outputs that they published.
final class PublishedScoresTest {
    private static JsonNode gold(String folder) throws IOException {
        return new ObjectMapper().readTree(Files.readString(SharedData.require("metrics/" + folder + "/gold.json")));
    }

    @Test
    void twenty_seven_systems_of_the_e2e_challenge() throws IOException {
        JsonNode systems = gold("e2e");
        assertThat(systems).hasSize(27);
        for (JsonNode system : systems) {
            String name = system.get("system").asText();
            List<Segment> segments = e2e(system.get("refs").asText(), name);
            agree(system, "BLEU", 4, Bleu.mteval().of(segments).corpus());
            agree(system, "NIST", 4, new Nist().of(segments).corpus());
            TextScore rouge = RougeL.e2e().of(segments);
            TextScore cider = CiderD.e2e().of(segments);
            agree(system, "ROUGE_L", 6, rouge.corpus());
            agree(system, "CIDEr", 6, cider.corpus());
            double[] rouges = rouge.segments();
            double[] ciders = cider.segments();
            List<String> rows = DataFile.lines(SharedData.require("metrics/e2e/segments/" + name + ".tsv.gz"));
            for (int i = 0; i < segments.size(); i++) {
                String[] row = rows.get(i + 1).split("\t");
                assertThat(rouges[i]).as(name + " " + row[0])
                        .isCloseTo(Double.parseDouble(row[1]), within(6e-7));
                assertThat(ciders[i]).as(name + " " + row[0])
                        .isCloseTo(Double.parseDouble(row[2]), within(6e-7));
            }
        }
    }

    @Test
    void twenty_seven_outputs_of_webnlg() throws IOException {
        JsonNode systems = gold("webnlg2017");
        assertThat(systems).hasSize(27);
        for (JsonNode system : systems) {
            List<Segment> segments = webnlg(system.get("system").asText(), system.get("split").asText());
            TextScore score = Bleu.multiBleu().of(segments);
            agree(system, "bleu", 2, score.corpus());
            String line = system.get("bleu_line").asText();
            assertThat(line.replaceAll(".*= [0-9.]+, |[(),]", "").replaceAll("  +", " "))
                    .isEqualTo(score.detail());
        }
    }

    @Test
    void bart_on_dart() throws IOException {
        List<Path> references = IntStream.range(0, 3)
                .mapToObj(k -> SharedData.require("metrics/dart/all-delex-reference" + k + ".lex.gz")).toList();
        List<Segment> segments =
                ScoredTask.DART.read(references, SharedData.require("metrics/dart/bart-large_dart.txt.gz"));
        assertThat(Bleu.multiBleu().of(segments).corpus())
                .isCloseTo(gold("dart").get("bleu_published").asDouble(), within(0.005));
        Meteor meteor = Meteor.ofLines(MeteorTables.read(SharedData.require("metrics/meteor-data")));
        assertThat(meteor.of(segments).corpus())
                .isCloseTo(gold("dart").get("meteor_published").asDouble(), within(0.005));
    }

    /// METEOR's table of paraphrases is not to be had, so its scores are not reached. What does not depend on that
    /// table is exact: the words, and the formula over the counts of METEOR's own reports.
    @Test
    void meteor_reports_of_webnlg() throws IOException {
        Path folder = SharedData.require("metrics/webnlg2017/meteor");
        Meteor meteor = Meteor.ofLines(MeteorTables.read(SharedData.require("metrics/meteor-data")));
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                MeteorReport report = MeteorReport.read(file);
                String[] name =
                        file.getFileName().toString().replace("-cat.meteor.txt.gz", "").split("_(?=[a-z]+$)");
                MeteorCounts sum = meteor.counts(webnlg(name[0], name[1])).stream()
                        .reduce(MeteorCounts::plus).orElseThrow();
                assertThat(sum.words()[0] + sum.words()[1]).as(file + ": words").isEqualTo(report.hypothesisWords());
                assertThat(report.precision(sum.words()[0], sum.words()[1])).as(file + ": precision")
                        .isCloseTo(report.precision(), within(1e-12));
                assertThat(sum.score()).as(file + ": score")
                        .isLessThan(report.score()).isGreaterThan(report.score() - 0.01);
            }
        }
    }

    private static List<Segment> e2e(String references, String system) {
        return ScoredTask.E2E.read(List.of(SharedData.require("metrics/e2e/" + references + "_refs.txt.gz")),
                SharedData.require("metrics/e2e/systems/" + system + ".txt.gz"));
    }

    private static List<Segment> webnlg(String system, String split) {
        List<Path> references = new ArrayList<>();
        for (int k = 0; k < 3; k++) {
            references.add(SharedData.require(
                    "metrics/webnlg2017/references/gold-%s-cat-reference%d.lex.gz".formatted(split, k)));
        }
        return ScoredTask.WEBNLG.read(
                references, SharedData.require("metrics/webnlg2017/teams/%s_%s-cat.txt.gz".formatted(system, split)));
    }

    private static void agree(JsonNode gold, String key, int digits, double score) {
        String format = "%." + digits + "f";
        assertThat(String.format(Locale.ROOT, format, score))
                .as(gold.get("system").asText() + " " + key)
                .isEqualTo(String.format(Locale.ROOT, format, gold.get(key).asDouble()));
    }
}
