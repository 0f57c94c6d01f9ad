package dev.lorikeet.models.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.models.SharedData;
import dev.lorikeet.models.data.DataException;
import dev.lorikeet.models.data.GlueFile;
import dev.lorikeet.models.data.LabelledSentences;
import dev.lorikeet.models.metric.Metric;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlueTaskTest {
    private static final String MRPC_HEADER = "\uFEFFQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\n";

    @TempDir
    private Path directory;

    private Path write(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private Path gzip(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return file;
    }

    @Test
    void a_quote_is_an_ordinary_character_and_blanks_stay() throws IOException {
        Path file = write("train.tsv", "sentence\tlabel\nhe said \" no \t0\n\"yes\" and\" \t1\n");
        assertThat(GlueTask.SST_2.train(file).rows()).containsExactly(
                new LabelledSentences("he said \" no ", null, 0), new LabelledSentences("\"yes\" and\" ", null, 1));
    }

    @Test
    void mrpc_is_read_with_the_byte_order_mark_and_line_ends_of_the_official_file() throws IOException {
        Path file = write("dev.tsv", MRPC_HEADER.replace("\n", "\r\n") + "1\t10\t20\tFirst one.\tSecond one.\r\n");
        assertThat(GlueTask.MRPC.heldOut(file).getFirst().data().rows())
                .containsExactly(new LabelledSentences("First one.", "Second one.", 1));
    }

    @Test
    void mnli_is_read_from_its_official_columns_of_both_widths_and_from_json() throws IOException {
        String common = "index\tpromptID\tpairID\tgenre\tsentence1_binary_parse\tsentence2_binary_parse\t"
                + "sentence1_parse\tsentence2_parse\tsentence1\tsentence2\tlabel1\t";
        String row = "0\t1\t1e\tfiction\t( a )\t( b )\t(ROOT a)\t(ROOT b)\tThe premise.\tThe hypothesis.\tneutral\t";
        write("train.tsv", common + "gold_label\n" + row + "contradiction\n");
        write("dev_matched.tsv", common + "label2\tlabel3\tlabel4\tlabel5\tgold_label\n"
                + row + "neutral\tneutral\tneutral\tneutral\tneutral\n");
        gzip("dev_mismatched.jsonl.gz",
                "{\"premise\": \"P \\u00e9\", \"hypothesis\": \"H\", \"label\": \"entailment\"}\n");
        assertThat(GlueTask.MNLI.train(directory).rows())
                .containsExactly(new LabelledSentences("The premise.", "The hypothesis.", 2));
        List<GlueTask.Part> parts = GlueTask.MNLI.heldOut(directory);
        assertThat(parts).extracting(GlueTask.Part::name).containsExactly("matched", "mismatched");
        assertThat(parts.getFirst().data().rows()).extracting(LabelledSentences::label).containsExactly(1.0);
        assertThat(parts.getLast().data().rows()).containsExactly(new LabelledSentences("P é", "H", 0));
    }

    @Test
    void cola_has_no_header() throws IOException {
        Path file = write("dev.tsv", "gj04\t1\t\tIt is.\ncj99\t0\t*\tIs it not it.\n");
        assertThat(GlueTask.COLA.heldOut(file).getFirst().data().rows()).containsExactly(
                new LabelledSentences("It is.", null, 1), new LabelledSentences("Is it not it.", null, 0));
    }

    @Test
    void sts_b_has_values_and_rte_names() throws IOException {
        Path sts = write("dev.tsv", "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\t"
                + "score\n0\tg\tf\ty\to\ts\ts\tA.\tB.\t3.800\n");
        assertThat(GlueTask.STS_B.heldOut(sts).getFirst().data().rows())
                .containsExactly(new LabelledSentences("A.", "B.", 3.8));
        Path rte = write("train.tsv", "index\tsentence1\tsentence2\tlabel\n0\tA.\tB.\tnot_entailment\n");
        assertThat(GlueTask.RTE.train(rte).rows()).containsExactly(new LabelledSentences("A.", "B.", 1));
    }

    @Test
    void rows_that_break_off_are_left_out_of_qqp_and_counted_and_an_error_elsewhere() throws IOException {
        String header = "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n";
        GlueFile qqp = GlueTask.QQP.train(write("train.tsv", header + "1\t2\t3\tA?\tB?\t1\n2\t3\t4\tC?\n"));
        assertThat(qqp.rows()).containsExactly(new LabelledSentences("A?", "B?", 1));
        assertThat(qqp.skipped()).isOne();
        Path mrpc = write("mrpc.tsv", MRPC_HEADER + "1\t1\t2\tA\tB\n0\t1\t2\tA\n");
        assertThatThrownBy(() -> GlueTask.MRPC.train(mrpc)).isInstanceOf(DataException.class)
                .hasMessageContaining("mrpc.tsv:3:").hasMessageContaining("5 columns").hasMessageContaining("4: ");
    }

    @Test
    void bad_files_are_refused_with_file_line_and_what_was_expected() throws IOException {
        Path label = write("label.tsv", "sentence\tlabel\nfine \t1\nbad \t2\n");
        assertThatThrownBy(() -> GlueTask.SST_2.train(label))
                .hasMessageContaining("label.tsv:3: expected as label one of [0, 1], found \"2\"");
        Path unlabelled = write("test.tsv", "index\tsentence\n0\tno label here\n");
        assertThatThrownBy(() -> GlueTask.SST_2.train(unlabelled))
                .hasMessageContaining("test.tsv:1").hasMessageContaining("'label'").hasMessageContaining("test set");
        Path empty = write("empty.tsv", "sentence\tlabel\n");
        assertThatThrownBy(() -> GlueTask.SST_2.train(empty)).hasMessageContaining("at least one example");
        Path json = write("bad.jsonl", "{\"premise\": \"a\", \"hypothesis\": \"b\", \"label\": \"maybe\"}\n");
        assertThatThrownBy(() -> GlueTask.MNLI.train(json)).hasMessageContaining("bad.jsonl:1")
                .hasMessageContaining("entailment");
        Path broken = write("broken.jsonl", "{\"premise\": \"a\",\n");
        assertThatThrownBy(() -> GlueTask.MNLI.train(broken)).hasMessageContaining("broken.jsonl:1")
                .hasMessageContaining("hypothesis");
        assertThatThrownBy(() -> GlueTask.RTE.train(json)).hasMessageContaining("JSON");
        Path score = write("score.tsv", "sentence1\tsentence2\tscore\na\tb\tNaN\n");
        assertThatThrownBy(() -> GlueTask.STS_B.train(score)).hasMessageContaining("a number");
        assertThatThrownBy(() -> GlueTask.STS_B.train(directory.resolve("nowhere.tsv")))
                .hasMessageContaining("nowhere.tsv");
    }

    @Test
    void files_are_found_in_the_tasks_directory_and_in_the_official_layout() throws IOException {
        String header = "sentence\tlabel\n";
        write("glue_data/SST-2/train.tsv", header + "a\t1\n");
        write("glue_data/SST-2/dev.tsv", header + "b\t0\n");
        for (String data : List.of("glue_data", "glue_data/SST-2")) {
            Path path = directory.resolve(data);
            assertThat(GlueTask.SST_2.train(path).rows()).extracting(LabelledSentences::first).containsExactly("a");
            assertThat(GlueTask.SST_2.heldOut(path)).hasSize(1);
        }
        assertThatThrownBy(() -> GlueTask.RTE.train(directory.resolve("glue_data"))).isInstanceOf(DataException.class)
                .hasMessageContaining("glue_data").hasMessageContaining("train").hasMessageContaining("SST-2");
    }

    @Test
    void tasks_have_the_labels_of_the_papers_scripts_and_the_metrics_of_its_table() {
        assertThat(GlueTask.MNLI.labels()).containsExactly("entailment", "neutral", "contradiction");
        assertThat(GlueTask.QNLI.labels()).containsExactly("entailment", "not_entailment");
        assertThat(GlueTask.STS_B.isRegression()).isTrue();
        assertThat(metrics(GlueTask.MRPC)).containsExactly("accuracy", "f1");
        assertThat(metrics(GlueTask.QQP)).containsExactly("accuracy", "f1");
        assertThat(metrics(GlueTask.COLA)).containsExactly("matthews");
        assertThat(metrics(GlueTask.STS_B)).containsExactly("pearson", "spearman");
        for (GlueTask task : List.of(GlueTask.MNLI, GlueTask.SST_2, GlueTask.QNLI, GlueTask.RTE)) {
            assertThat(metrics(task)).containsExactly("accuracy");
        }
        assertThat(Task.named("sst2")).contains(GlueTask.SST_2);
        assertThat(Task.named("STS-B")).contains(GlueTask.STS_B);
        assertThat(Task.named("e2e")).contains(LanguageTask.E2E);
        assertThat(Task.named("wnli")).isEmpty();
    }

    private static List<String> metrics(GlueTask task) {
        return task.metrics().stream().map(Metric::name).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "COLA, CoLA, 8551, 695", "SST_2, SST-2, 67349, 581", "MRPC, MRPC, 3668, 272", "RTE, RTE, 2490, 185",
        "STS_B, STS-B, 5749, 1000", "QNLI, QNLI, 0, 3642", "QQP, QQP, 15665, 0", "MNLI, MNLI, 10000, 6543"
    })
    void real_files_have_as_many_rows_as_documented(GlueTask task, String folder, int train, int dev) {
        Path data = SharedData.require("glue/" + folder);
        if (train > 0) {
            GlueFile file = task.train(data);
            assertThat(file.rows()).hasSize(train);
            assertThat(file.skipped()).isZero();
            assertThat(IntStream.range(0, task.labels().size()).allMatch(label -> task.isRegression()
                    || file.rows().stream().anyMatch(row -> row.label() == label))).isTrue();
        }
        if (dev > 0) {
            assertThat(task.heldOut(data).getFirst().data().rows()).hasSize(dev);
        }
    }
}
