package dev.lorikeet.models.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.io.AdapterFiles;
import dev.lorikeet.lora.io.LoralibOptions;
import dev.lorikeet.models.train.BestEvaluation;
import dev.lorikeet.models.train.TrainingRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pretraining, training and evaluating from the command line, on a tiny model and sentences whose label is one word.
class GlueCommandsTest {
    @TempDir
    private static Path shared;

    private static Path base;
    private static Path data;

    @TempDir
    private Path directory;

    private String said = "";

    @BeforeAll
    static void pretrain_a_tiny_model_and_write_sentences() throws IOException {
        GlueToy toy = GlueToy.in(shared);
        base = toy.base();
        data = toy.data();
    }

    private int run(String... args) {
        StringWriter out = new StringWriter();
        int code = Main.run(new PrintWriter(out), new PrintWriter(out), args);
        said = out.toString();
        return code;
    }

    private int train(String task, Path out, String... more) {
        List<String> args = new ArrayList<>(List.of("train", "--base", base.toString(), "--task", task, "--data",
                data.toString(), "--out", out.toString(), "--lr", "5e-3", "--model-dropout", "0"));
        args.addAll(List.of(more));
        return run(args.toArray(String[]::new));
    }

    private int evaluate(String task, Path adapter) {
        return run("evaluate", "--base", base.toString(), "--task", task, "--data", data.toString(), "--adapter",
                adapter.toString(), "--json");
    }

    private double figure(String name) throws IOException {
        String json = said.substring(said.indexOf('{'));
        return new ObjectMapper().readTree(json).path(name).asDouble();
    }

    @Test
    void an_adapter_learns_the_word_and_is_evaluated_to_the_same_figure_it_was_kept_for() throws IOException {
        assertThat(train("sst-2", directory, "--epochs", "24", "--targets", "all-linear")).as(said).isZero();
        BestEvaluation best = BestEvaluation.read(directory);
        assertThat(best.figures().get("accuracy")).isGreaterThan(0.9);
        assertThat(said).contains("160 examples").contains("held out 40, of which 0.5000 are of one class");
        assertThat(evaluate("sst-2", directory.resolve("adapter"))).as(said).isZero();
        assertThat(figure("accuracy")).isEqualTo(best.figures().get("accuracy"));
        assertThat(figure("loss")).isCloseTo(best.figures().get("loss"), within(1e-5));
    }

    @Test
    void a_head_alone_is_written_as_a_whole_model_and_leaves_everything_else_as_it_was() throws IOException {
        assertThat(train("sst-2", directory, "--epochs", "2", "--head-only", "--group-by-length")).as(said).isZero();
        BestEvaluation best = BestEvaluation.read(directory);
        assertThat(run("evaluate", "--base", directory.resolve("model").toString(), "--task", "sst-2", "--data",
                data.toString(), "--json")).as(said).isZero();
        assertThat(figure("accuracy")).isEqualTo(best.figures().get("accuracy"));
        assertThat(Files.readString(directory.resolve("model/config.json")))
                .contains("RobertaForSequenceClassification", "positive", "negative");
        assertThat(directory.resolve("adapter")).doesNotExist();
    }

    @Test
    void several_seeds_are_reported_as_median_and_spread() {
        assertThat(train("mrpc", directory, "--steps", "6", "--batch", "8", "--seeds", "3,1,2")).as(said).isZero();
        assertThat(said).contains("median", "spread", "accuracy", "f1");
        List<Double> accuracies = List.of(1, 2, 3).stream()
                .map(seed -> BestEvaluation.read(directory.resolve("seed-" + seed)).figures().get("accuracy"))
                .toList();
        assertThat(said.lines().filter(line -> line.startsWith("median")).findFirst().orElseThrow())
                .contains("%.4f".formatted(SeedTable.median(accuracies)));
        assertThat(SeedTable.median(List.of(4.0, 1.0, 2.0))).isEqualTo(2);
        assertThat(SeedTable.median(List.of(4.0, 1.0, 2.0, 3.0))).isEqualTo(2.5);
        assertThat(SeedTable.spread(List.of(4.0, 1.0, 2.0))).isEqualTo(3);
    }

    @Test
    void mnli_has_both_sets_and_its_adapter_starts_another_task_with_a_new_head() {
        Path mnli = directory.resolve("mnli");
        assertThat(train("mnli", mnli, "--epochs", "1", "--rank", "2", "--alpha", "6")).as(said).isZero();
        assertThat(BestEvaluation.read(mnli).figures())
                .containsKeys("accuracy", "accuracy_matched", "accuracy_mismatched", "loss");
        Path mrpc = directory.resolve("mrpc");
        assertThat(train("mrpc", mrpc, "--epochs", "1", "--init-adapter", mnli.resolve("adapter").toString()))
                .as(said).isZero();
        StoredAdapter started = read(mnli.resolve("adapter"));
        StoredAdapter trained = read(mrpc.resolve("adapter"));
        assertThat(trained.config().rank()).isEqualTo(2);
        assertThat(trained.config().alpha()).isEqualTo(6);
        assertThat(trained.deltas().keySet()).isEqualTo(started.deltas().keySet());
        assertThat(started.saved().get("classifier.out_proj.weight").shape().dim(0)).isEqualTo(3);
        assertThat(trained.saved().get("classifier.out_proj.weight").shape().dim(0)).isEqualTo(2);
        assertThat(evaluate("mnli", mrpc.resolve("adapter"))).isEqualTo(2);
        assertThat(said).contains("2 classes").contains("mnli has 3");
    }

    private static StoredAdapter read(Path adapter) {
        return AdapterFiles.open(adapter, new LoralibOptions(null, null, List.of()));
    }

    @Test
    void a_value_is_learned_with_the_squared_error_and_judged_by_correlation() {
        assertThat(train("sts-b", directory, "--epochs", "20", "--targets", "all-linear")).as(said).isZero();
        BestEvaluation best = BestEvaluation.read(directory);
        assertThat(best.figures()).containsKeys("pearson", "spearman", "loss");
        assertThat(best.figures().get("pearson")).isGreaterThan(0.8);
    }

    @Test
    void a_finished_run_is_neither_overwritten_nor_changed_by_resuming() throws IOException {
        String[] options = {"--steps", "6", "--batch", "8"};
        assertThat(train("sst-2", directory, options)).as(said).isZero();
        byte[] end = Files.readAllBytes(directory.resolve(TrainingRun.STATE_FILE));
        assertThat(train("sst-2", directory, options)).isEqualTo(2);
        assertThat(said).contains("--resume");
        List<String> resumed = new ArrayList<>(List.of(options));
        resumed.add("--resume");
        assertThat(train("sst-2", directory, resumed.toArray(String[]::new))).as(said).isZero();
        assertThat(Files.readAllBytes(directory.resolve(TrainingRun.STATE_FILE))).isEqualTo(end);
    }

    @Test
    void a_recipe_sets_the_options_that_the_command_line_does_not() {
        assertThat(run("train", "--base", base.toString(), "--recipe", "paper/roberta-base/mrpc", "--data",
                data.toString(), "--out", directory.toString(), "--epochs", "1", "--rank", "2")).as(said).isZero();
        assertThat(read(directory.resolve("adapter")).config().alpha()).isEqualTo(8);
        assertThat(read(directory.resolve("adapter")).config().rank()).isEqualTo(2);
        assertThat(said).contains("recipe paper/roberta-base/mrpc").contains("10 steps").contains("MNLI")
                .contains("cut to 48 tokens");
        assertThat(run("recipes", "roberta-large/cola")).isZero();
        assertThat(said).contains("--lr 2e-4").contains("--lr 3e-4").contains("scripts/roberta-large/cola");
    }

    @Test
    void what_cannot_be_is_one_line_and_exit_code_2() {
        assertThat(train("wnli", directory)).isEqualTo(2);
        assertThat(said).contains("wnli").contains("sst-2");
        assertThat(run("train", "--base", base.toString(), "--data", data.toString(), "--out",
                directory.resolve("x").toString())).isEqualTo(2);
        assertThat(said).contains("--task").contains("--recipe");
        assertThat(train("sst-2", directory, "--recipe", "paper/roberta-base/none")).isEqualTo(2);
        assertThat(said).contains("lorikeet recipes");
        assertThat(train("rte", directory)).isEqualTo(2);
        assertThat(said).contains("RTE").contains("train");
        assertThat(train("sst-2", directory, "--max-length", "49")).isEqualTo(2);
        assertThat(said).contains("49").contains("48");
        assertThat(train("sst-2", directory, "--init-adapter", "nowhere")).isEqualTo(2);
        assertThat(said).contains("nowhere");
        assertThat(run("train", "--task", "sst-2", "--data", data.toString(), "--out", directory.toString()))
                .isEqualTo(2);
        assertThat(said).contains("is of a gpt2 model, which does not classify texts");
        assertThat(run("recipes", "gpt5")).isEqualTo(2);
        assertThat(directory).isEmptyDirectory();
    }
}
