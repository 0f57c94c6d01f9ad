package dev.lorikeet.models.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.models.gpt2.Gpt2;
import dev.lorikeet.models.gpt2.Gpt2Config;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.WeightOverrides;
import dev.lorikeet.nn.WeightSource;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.nn.Weights;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.UnaryFunction;
import dev.lorikeet.tensor.io.SafetensorsWriter;
import dev.lorikeet.tensor.io.TensorSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What people get wrong: every case is one clear line, exit code 2, and nothing written.
class BadInputTest {
    private static final Gpt2Config TINY = new Gpt2Config(
            257, 64, 16, 2, 2, 64, UnaryFunction.GELU_TANH, 1e-5, 0.05, 0, 0, 0, true, false, true, 256);

    @TempDir
    private Path temp;

    private Path base;
    private Path data;
    private Path out;
    private StringWriter said;

    @BeforeEach
    void write_a_tiny_model_and_some_data() throws IOException {
        base = Files.createDirectory(temp.resolve("base"));
        Files.writeString(base.resolve("config.json"), TINY.toJson().toString());
        Files.writeString(base.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"LorikeetByteTokenizer\"}");
        try (Backend backend = Backends.open("scalar")) {
            WeightStore store = new WeightStore(backend, WeightSource.random(1), DType.F32);
            new Gpt2(TINY, Weights.of(store, WeightOverrides.none()), Projections.plain());
            List<TensorSource> tensors = new ArrayList<>();
            for (Frozen weight : store.all()) {
                tensors.add(TensorSource.of(weight.name(), weight.value(), backend));
            }
            SafetensorsWriter.write(base.resolve("model.safetensors"), tensors, SafetensorsWriter.PT);
        }
        data = temp.resolve("data.txt");
        Files.writeString(data, "name : A | food : B||A has B .\nname : C | food : D||C has D .\n");
        out = temp.resolve("out");
    }

    private int run(String... args) {
        said = new StringWriter();
        PrintWriter writer = new PrintWriter(said, true);
        return Main.run(new PrintWriter(new StringWriter()), writer, args);
    }

    private int train(String... more) {
        List<String> args = new ArrayList<>(List.of(
                "train", "--base", base.toString(), "--task", "e2e", "--data", data.toString(), "--out", out.toString(),
                "--steps", "2", "--batch", "2"));
        args.addAll(List.of(more));
        if (!args.contains("--device")) {
            args.addAll(List.of("--device", "cpu:1"));
        }
        return run(args.toArray(String[]::new));
    }

    private void refused(int code, String... words) {
        assertThat(code).as(said.toString()).isEqualTo(2);
        assertThat(said.toString()).contains(words).doesNotContain("\tat ");
        assertThat(out).doesNotExist();
    }

    @Test
    void good_input_trains_and_writes_an_adapter_that_evaluates_generates_merges_and_converts() throws IOException {
        assertThat(train("--valid", data.toString())).as(said.toString()).isZero();
        Path adapter = out.resolve("adapter");
        assertThat(adapter.resolve("adapter_model.safetensors")).exists();
        String b = base.toString();
        String a = adapter.toString();
        assertThat(run("evaluate", "--base", b, "--adapter", a, "--task", "e2e", "--data", data.toString())).isZero();
        assertThat(run("generate", "--base", b, "--adapter", a, "--max-tokens", "3", "Hi")).isZero();
        assertThat(run("inspect", a)).isZero();
        Path merged = temp.resolve("merged");
        assertThat(run("merge", "--base", b, "--adapter", a, "--out", merged.toString(), "--max-loss", "1"))
                .as(said.toString())
                .isZero();
        assertThat(run("generate", "--base", merged.toString(), "--max-tokens", "3",
                "Hi")).as(said.toString()).isZero();
        Path lora = temp.resolve("lora.pt");
        Path again = temp.resolve("again");
        assertThat(run("convert", "--to", "loralib", a, lora.toString())).as(said.toString()).isZero();
        assertThat(run("convert", "--to", "peft", lora.toString(), again.toString())).as(said.toString()).isZero();
        assertThat(Files.readAllBytes(again.resolve("adapter_model.safetensors")))
                .isEqualTo(Files.readAllBytes(adapter.resolve("adapter_model.safetensors")));
    }

    @Test
    void an_adapter_of_a_fetched_base_remembers_the_name_and_not_the_commit() throws IOException {
        Path snapshot = temp.resolve("hub/models--owner--tiny/snapshots").resolve("0".repeat(40));
        Files.createDirectories(snapshot.getParent());
        base = Files.move(base, snapshot);
        assertThat(train()).as(said.toString()).isZero();
        assertThat(out.resolve("adapter/adapter_config.json")).content()
                .contains("\"base_model_name_or_path\": \"owner/tiny\"");
    }

    @Test
    void a_missing_file_is_named() {
        data = temp.resolve("nowhere.txt");
        refused(train(), "nowhere.txt");
    }

    @Test
    void an_empty_data_file_is_refused() throws IOException {
        Files.writeString(data, "\n\n");
        refused(train(), "data.txt");
    }

    @Test
    void a_directory_without_config_is_refused() throws IOException {
        base = Files.createDirectory(temp.resolve("nothing"));
        refused(train(), "config.json");
    }

    @Test
    void a_base_that_is_not_there_is_named() {
        base = temp.resolve("nothing");
        refused(train(), base + ": no such file or directory");
        base = Path.of("nobody/nothing");
        refused(train(), "nobody/nothing", "lorikeet pull nobody/nothing");
    }

    @Test
    void a_truncated_checkpoint_is_refused() throws IOException {
        Path file = base.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 100));
        refused(train(), "model.safetensors");
    }

    @Test
    void a_shape_that_does_not_fit_the_config_is_refused() throws IOException {
        Path config = base.resolve("config.json");
        Files.writeString(config, Files.readString(config).replace("\"vocab_size\":257", "\"vocab_size\":300"));
        refused(train(), "wte.weight", "(300, 16)", "(257, 16)");
    }

    @Test
    void targets_that_match_nothing_list_what_there_is() {
        refused(train("--targets", "c_atn"), "c_atn", "c_attn");
    }

    @Test
    void a_rank_of_zero_or_above_the_matrix_is_refused() {
        refused(train("--rank", "0"), "rank", "0");
        refused(train("--rank", "17"), "rank", "17", "16");
    }

    @Test
    void every_variant_of_lora_trains_and_merges_and_what_has_a_sum_combines() {
        String[][] variants = {
            {"--dora", "--rslora", "--targets", "c_attn,wte"},
            {"--bias", "lora_only", "--lora-bias", "--targets", "all-linear", "--exclude", "c_fc"},
            {"--init", "pissa", "--lora-plus-ratio", "16", "--targets", "c_attn", "--rank", "2"},
            {"--rank", "3"}};
        for (int i = 0; i < variants.length; i++) {
            out = temp.resolve("variant" + i);
            assertThat(train(variants[i])).as(said.toString()).isZero();
            assertThat(run("merge", "--base", base.toString(), "--adapter", out.resolve("adapter").toString(), "--out",
                    temp.resolve("merged" + i).toString())).as(said.toString()).isZero();
        }
        String pissa = temp.resolve("variant2").resolve("adapter").toString();
        String plain = temp.resolve("variant3").resolve("adapter").toString();
        String both = temp.resolve("both").toString();
        assertThat(run("combine", "--method", "svd", "--rank", "3", "--weights", "0.5,-2", pissa, plain, "--out", both))
                .as(said.toString()).isZero();
        assertThat(run("merge", "--base", base.toString(), "--adapter", both, "--out",
                temp.resolve("merged-both").toString())).as(said.toString()).isZero();
        assertThat(run("combine", "--weights", "1", pissa, plain, "--out", both)).isEqualTo(2);
        assertThat(said.toString()).contains("2 adapters cannot have 1 weights");
        assertThat(run("combine", temp.resolve("variant0").resolve("adapter").toString(), plain, "--out", both))
                .isEqualTo(2);
        assertThat(said.toString()).contains("DoRA");
    }

    @Test
    void dora_of_some_columns_is_refused() {
        assertThat(train("--dora")).isEqualTo(2);
        assertThat(said.toString()).contains("c_attn[q,v]").contains("leave the brackets out");
    }

    @Test
    void an_adapter_for_another_base_is_refused() throws IOException {
        assertThat(train()).as(said.toString()).isZero();
        Path config = base.resolve("config.json");
        Files.writeString(config, Files.readString(config).replace("\"n_layer\":2", "\"n_layer\":1"));
        int code = run("generate", "--base", base.toString(), "--adapter", out.resolve("adapter").toString(), "Hi");
        assertThat(code).isEqualTo(2);
        assertThat(said.toString()).contains("h.1");
    }

    @Test
    void an_adapter_config_that_changes_the_arithmetic_is_refused() throws IOException {
        assertThat(train()).as(said.toString()).isZero();
        Path config = out.resolve("adapter").resolve("adapter_config.json");
        Files.writeString(config, Files.readString(config)
                .replace("\"layer_replication\": null", "\"layer_replication\": [[0, 1]]"));
        int code = run("generate", "--base", base.toString(), "--adapter", out.resolve("adapter").toString(), "Hi");
        assertThat(code).isEqualTo(2);
        assertThat(said.toString()).contains("layer_replication", "adapter_config.json");
    }

    @Test
    void a_prompt_longer_than_the_model_is_refused() {
        assertThat(run("generate", "--base", base.toString(), "x".repeat(64))).isEqualTo(2);
        assertThat(said.toString()).contains("64");
    }

    @Test
    void a_run_is_not_overwritten() {
        assertThat(train()).as(said.toString()).isZero();
        assertThat(train()).isEqualTo(2);
        assertThat(said.toString()).contains("--resume");
    }

    @Test
    void a_gpu_that_is_not_there_is_refused_with_what_is_missing() {
        assumeTrue(Backends.choose("auto").backend().device().kind().equals("cpu"), "this machine has an NVIDIA GPU");
        refused(train("--device", "cuda:0"), "backend 'cuda:0' cannot run here, because", "choose auto or one of");
        assertThat(said.toString().lines()).hasSize(1);
    }

    @Test
    void an_unknown_device_is_refused() {
        refused(train("--device", "abacus"), "abacus");
    }
}
