package dev.lorikeet.models.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.lora.StoredTensor;
import dev.lorikeet.models.train.TrainingRun;
import dev.lorikeet.tensor.io.SafetensorsFile;
import dev.lorikeet.tensor.io.SafetensorsWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What people get wrong with GLUE, RoBERTa and their adapters: every case is a clear message, exit code 2, and nothing
/// written. A table for each thing that is read.
class GlueBadInputTest {
    @TempDir
    private static Path shared;

    private static GlueToy toy;
    private static Path adapter;

    @TempDir
    private Path temp;

    private Path base;
    private Path out;
    private String said;

    @BeforeAll
    static void pretrain_a_tiny_model_and_train_an_adapter() throws IOException {
        toy = GlueToy.in(shared);
        Path run = shared.resolve("run");
        StringWriter said = new StringWriter();
        int code = Main.run(new PrintWriter(said), new PrintWriter(said), "train", "--base", toy.base().toString(),
                "--task", "sst-2", "--data", toy.data().toString(), "--out", run.toString(), "--steps", "2");
        assertThat(code).as(said.toString()).isZero();
        adapter = run.resolve("adapter");
    }

    @BeforeEach
    void choose() {
        base = toy.base();
        out = temp.resolve("out");
    }

    private int run(String... args) {
        StringWriter err = new StringWriter();
        int code = Main.run(new PrintWriter(new StringWriter()), new PrintWriter(err), args);
        said = err.toString();
        return code;
    }

    private int train(String task, Path data, String... more) {
        List<String> args = new ArrayList<>(List.of("train", "--base", base.toString(), "--task", task, "--data",
                data.toString(), "--out", out.toString(), "--device", "cpu:1"));
        args.addAll(List.of(more));
        if (Stream.of("--steps", "--epochs").noneMatch(args::contains)) {
            args.addAll(List.of("--steps", "1"));
        }
        return run(args.toArray(String[]::new));
    }

    private int evaluate(Path with) {
        return run("evaluate", "--base", base.toString(), "--task", "sst-2", "--data", toy.data().toString(),
                "--adapter", with.toString(), "--device", "cpu:1");
    }

    /// @param words parts of the message, separated by two bars
    private void refused(int code, String words) {
        assertThat(code).as(said).isEqualTo(2);
        assertThat(said).contains(words.split("\\|\\|")).doesNotContain("\tat ", "Exception");
        assertThat(out).doesNotExist();
    }

    @ParameterizedTest
    @MethodSource("dev.lorikeet.models.cli.BadTable#all")
    void a_table_of_sentences(BadTable table) throws IOException {
        Path data = Files.createDirectory(temp.resolve("data"));
        byte[] good = Files.readAllBytes(toy.data().resolve("SST-2/train.tsv"));
        Files.write(data.resolve("dev.tsv"), good);
        Files.write(data.resolve(table.file()), table.change().apply(good.clone()));
        refused(train("sst-2", data), table.words());
    }

    @Test
    void a_byte_order_mark_and_windows_line_ends_are_no_mistake() throws IOException {
        Path file = temp.resolve("train.tsv");
        Files.writeString(file, "\uFEFF" + Files.readString(toy.data().resolve("SST-2/train.tsv"))
                .replace("\n", "\r\n"));
        assertThat(train("sst-2", file)).as(said).isZero();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', quoteCharacter = '`', value = {
        "x.jsonl!{'premise':'a','hypothesis':'b','label':1}!x.jsonl:1||[entailment, neutral, contradiction]||\"1\"",
        "x.jsonl!{'premise':'a','hypothesis':'b','label':'-'}!x.jsonl:1||[entailment, neutral, contradiction]||\"-\"",
        "x.jsonl!{'premise':'a','hypothesis':'b'}!x.jsonl:1||[entailment, neutral, contradiction]",
        "x.jsonl![{'premise':'a','hypothesis':'b','label':'neutral'}]!x.jsonl:1||`{\"premise\"",
        "x.jsonl!null!x.jsonl:1||`{\"premise\"",
        "x.jsonl!{'premise':'a','hypothesis':'b','label':'neutral'} {}!x.jsonl:1||`{\"premise\"",
        "x.jsonl!{'premise':3,'hypothesis':'b','label':'neutral'}!x.jsonl:1||`{\"premise\"",
        "x.jsonl!{'premise':'a','hypo!x.jsonl:1||`{\"premise\"||Unexpected end-of-input",
        "x.jsonl!plain text!x.jsonl:1||`{\"premise\"||Unrecognized token 'plain'",
        "x.tsv!sentence1>sentence2!x.tsv:1||'gold_label'||test set"
    })
    void mnli(String name, String line, String words) throws IOException {
        Path file = Files.writeString(temp.resolve(name), line.replace('\'', '"').replace('>', '\t') + "\n");
        refused(train("mnli", file), words);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "sts-b!sentence1>sentence2>score;a>b>inf!:2||a number||\"inf\"",
        "sts-b!sentence1>sentence2>score;a>b>0x1p3!:2||a number||\"0x1p3\"",
        "sts-b!sentence1>sentence2>score;a>b>3f!:2||a number||\"3f\"",
        "sts-b!sentence1>sentence2>score;a>b!:2||3 columns||2",
        "qqp!id>qid1>qid2>question1>question2>is_duplicate;1>2!at least one row with all columns||1 that break off",
        "qqp!question1>question2>is_duplicate;a>b>yes!:2||one of [0, 1]||\"yes\"",
        "rte!sentence1>sentence2>label;a>b>1!:2||[entailment, not_entailment]",
        "cola!sentence>label;good>1!:1||4 columns",
        "mrpc!sentence>label;good>1!:1||'#1 String'||another task's file"
    })
    void other_tasks(String task, String text, String words) throws IOException {
        Path file = Files.writeString(temp.resolve("x.tsv"), text.replace('>', '\t').replace(';', '\n') + "\n");
        refused(train(task, file), "x.tsv||" + words);
    }

    @Test
    void what_is_not_a_file_of_the_task() throws IOException {
        refused(train("sst-2", temp.resolve("nowhere")), "nowhere||nothing of this name");
        refused(train("sst-2", Files.createDirectory(temp.resolve("empty"))), "SST-2's file||an empty directory");
        Path folder = Files.createDirectory(temp.resolve("folder"));
        Files.createDirectory(folder.resolve("train.tsv"));
        refused(train("sst-2", folder), "train.tsv||readable file||Is a directory");
        refused(train("sst-2", toy.data(), "--valid", "none.tsv"), "none.tsv||nothing of this name");
        refused(train("sst-2", toy.data().resolve("MNLI/train.jsonl")), "train.jsonl||JSON, which this task has no");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', quoteCharacter = '`', value = {
        "vocab_size!400!model.safetensors||roberta.embeddings.word_embeddings.weight||(400, 32)",
        "hidden_size!31!config.json||hidden_size must be a multiple of num_attention_heads, were 31 and 2",
        "num_hidden_layers!5!layer.2||expected a tensor of this name",
        "num_hidden_layers!1!config.json||says 1 layers||model.safetensors has one more: roberta.encoder.layer.1.",
        "num_hidden_layers!2.5!config.json||num_hidden_layers is 2.5||an integer",
        "num_hidden_layers!1000000000000!config.json||num_hidden_layers is 1000000000000",
        "max_position_embeddings!20!position_embeddings.weight||(20, 32)",
        "max_position_embeddings!6!config.json||max_position_embeddings leaves 4 tokens||at least 6",
        "type_vocab_size!2!token_type_embeddings.weight||(2, 32)",
        "layer_norm_eps!-1!config.json||layer_norm_eps must be > 0",
        "layer_norm_eps!'small'!config.json||layer_norm_eps is \"small\"||a number",
        "initializer_range!-0.5!config.json||initializer_range >= 0",
        "num_labels!2000000000!config.json||num_labels is 2000000000",
        "id2label!'x'!config.json||id2label is \"x\"||an object",
        "id2label!['a']!config.json||id2label is [\"a\"]||an object",
        "architectures!'Roberta'!config.json||architectures is \"Roberta\"||a list",
        "model_type!'xlm-roberta'!config.json||model_type is 'xlm-roberta'||gpt2 or roberta",
        "model_type!3!config.json||model_type is '3'"
    })
    void a_configuration(String key, String value, String words) throws IOException {
        copyBase();
        ObjectMapper mapper = new ObjectMapper();
        Path file = base.resolve("config.json");
        ObjectNode config = (ObjectNode) mapper.readTree(Files.readAllBytes(file));
        config.set(key, mapper.readTree(value.replace('\'', '"')));
        Files.write(file, mapper.writeValueAsBytes(config));
        refused(train("sst-2", toy.data()), words);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', emptyValue = "", value = {
        "config.json!{!config.json||is not JSON", "config.json![]!config.json||is not a JSON object",
        "config.json!''!config.json||is not a JSON object", "config.json!{} x!config.json||is not JSON",
        "tokenizer.json!{!tokenizer.json||expected JSON", "tokenizer.json!{} x!tokenizer.json||expected JSON",
        "tokenizer.json![]!tokenizer.json||a BPE model with vocab and merges, found no model",
        "tokenizer.json!''!tokenizer.json||a BPE model with vocab and merges, found no model",
        "model.safetensors!''!model.safetensors||is empty",
        "model.safetensors!<html>not found</html>!model.safetensors||a web page",
        "model.safetensors!version https://git-lfs.github.com/spec/v1!model.safetensors||Git LFS pointer",
    })
    void a_file_of_the_base(String name, String content, String words) throws IOException {
        copyBase();
        Files.writeString(base.resolve(name), content);
        refused(train("sst-2", toy.data()), words);
    }

    @Test
    void junk_instead_of_a_pytorch_file() throws IOException {
        copyBase();
        Files.delete(base.resolve("model.safetensors"));
        Files.writeString(base.resolve("pytorch_model.bin"), "junk".repeat(50));
        refused(train("sst-2", toy.data()), "pytorch_model.bin||written by torch.save||neither");
    }

    @Test
    void a_tokenizer_with_more_tokens_than_the_model_has_embeddings() throws IOException {
        copyBase();
        Path file = base.resolve("tokenizer.json");
        ObjectMapper mapper = new ObjectMapper();
        JsonNode tokenizer = mapper.readTree(Files.readAllBytes(file));
        int size = mapper.readTree(base.resolve("config.json").toFile()).path("vocab_size").asInt();
        ((ObjectNode) tokenizer.path("model").path("vocab")).put("zzzz", size);
        Files.write(file, mapper.writeValueAsBytes(tokenizer));
        refused(train("sst-2", toy.data()), "config.json||vocab_size is " + size + "||has " + (size + 1) + " tokens");
    }

    @ParameterizedTest
    @MethodSource("dev.lorikeet.models.cli.BadTensor#ofTheBase")
    void weights_of_the_base(BadTensor mistake) throws IOException {
        copyBase();
        mistake.write(base.resolve("model.safetensors"));
        refused(train("sst-2", toy.data()), mistake.words());
    }

    /// Only a step tells, so that the run has begun.
    @Test
    void a_weight_that_is_no_number_is_blamed_for_the_loss() throws IOException {
        copyBase();
        new BadTensor(BadTensor.QUERY + ".weight", BadTensor::poisoned, "").write(base.resolve("model.safetensors"));
        String blame = "model.safetensors: tensor '" + BadTensor.QUERY + ".weight': expected finite numbers||element 5";
        assertThat(evaluate(adapter)).isEqualTo(2);
        assertThat(said).contains(blame.split("\\|\\|"));
        assertThat(train("sst-2", toy.data())).isEqualTo(2);
        assertThat(said).contains(blame.split("\\|\\|")).doesNotContain("learning rate");
        assertThat(out.resolve("adapter")).doesNotExist();
    }

    @ParameterizedTest
    @MethodSource("dev.lorikeet.models.cli.BadTensor#ofAnAdapter")
    void tensors_of_an_adapter(BadTensor mistake) throws IOException {
        Path bad = copy(adapter, temp.resolve("adapter"));
        mistake.write(bad.resolve("adapter_model.safetensors"));
        refused(evaluate(bad), mistake.words());
    }

    @Test
    void a_tensor_that_belongs_to_no_module() throws IOException {
        Path bad = copy(adapter, temp.resolve("adapter"));
        Path file = bad.resolve("adapter_model.safetensors");
        Map<String, StoredTensor> tensors = BadTensor.read(file);
        tensors.put("whatever", tensors.values().iterator().next());
        BadTensor.write(file, tensors);
        refused(evaluate(bad), "adapter_model.safetensors: tensor 'whatever'||tensors of modules");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', quoteCharacter = '`', value = {
        "r!0!rank must be at least 1", "r!'8'!\"r\" to be an integer", "r!16!expected rank 16",
        "lora_alpha!0!alpha must be", "lora_alpha!'x'!\"lora_alpha\" to be a number",
        "target_modules![]!no targets", "target_modules!'(('!not a regular expression",
        "target_modules!['quary']!does not fit this model", "target_modules!'all-linear'!Missing in the adapter",
        "peft_type!'PREFIX_TUNING'!\"peft_type\" to be \"LORA\"", "use_dora!true!lora_magnitude_vector",
        "use_dora!'yes'!true or false", "bias!'weird'!not none, lora_only or all",
        "bias!'all'!Missing in the adapter", "bias!true!\"bias\" to be a text",
        "lora_dropout!2!dropout must be", "rank_pattern!{'query': 0}!rank of pattern",
        "rank_pattern![1]!\"rank_pattern\" to be an object", "alpha_pattern!{'((': 3}!not a regular expression",
        "layer_replication![[0, 1]]!repeating layers", "init_lora_weights!'olora'!\"init_lora_weights\"",
        "lora_bias!true!lora_B.bias", "layers_to_transform![0]!Not in the model", "use_qalora!true!QA-LoRA",
        "base_model_name_or_path!3!\"base_model_name_or_path\" to be a text"
    })
    void a_configuration_of_peft(String key, String value, String words) throws IOException {
        Path bad = copy(adapter, temp.resolve("adapter"));
        ObjectMapper mapper = new ObjectMapper();
        Path file = bad.resolve("adapter_config.json");
        ObjectNode config = (ObjectNode) mapper.readTree(Files.readAllBytes(file));
        config.set(key, mapper.readTree(value.replace('\'', '"')));
        Files.write(file, mapper.writeValueAsBytes(config));
        refused(evaluate(bad), bad + "||" + words);
    }

    @Test
    void what_is_not_an_adapter_or_belongs_to_another_task() throws IOException {
        Path bad = copy(adapter, temp.resolve("adapter"));
        Path config = bad.resolve("adapter_config.json");
        Files.writeString(config, Files.readString(config) + " x");
        refused(evaluate(bad), "adapter_config.json||expected JSON");
        Files.delete(config);
        refused(evaluate(bad), "expected adapter_config.json, found none");
        refused(evaluate(temp.resolve("none")), "none: no such file or directory");
        refused(run("evaluate", "--base", base.toString(), "--task", "mnli", "--data", toy.data().toString(),
                "--adapter", adapter.toString()), "the head has 2 classes, mnli has 3||--adapter");
        refused(run("evaluate", "--base", base.toString(), "--task", "sst-2", "--data", toy.data().toString()),
                "config.json||no classification head||--adapter");
        Path junk = Files.writeString(temp.resolve("lora.bin"), "junk".repeat(50));
        refused(run("convert", "--to", "peft", "--alpha", "16", junk.toString(), out.toString()),
                "lora.bin||written by torch.save||neither");
        refused(run("merge", "--base", base.toString(), "--adapter", adapter.toString(), "--out", base.toString()),
                "is the base itself");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "--max-length 3!length of 3||6 tokens||(--max-length)",
        "--max-length 49!length of 49||48 tokens||(--max-length)",
        "--max-length x!--max-length||not an int", "--batch 0!--batch must be >= 1", "--batch -3!--batch||-3",
        "--accumulate 0!--accumulate must be from 1 to 4096, was 0", "--accumulate 5000!--accumulate||5000",
        "--epochs -1!--epochs must be >= 0", "--steps 0!steps must be >= 1", "--lr 0!learning rate must be > 0",
        "--lr nan!--lr||nan", "--rank 0!rank must be at least 1", "--rank 33!rank 33||at most 32",
        "--alpha 0!alpha must be", "--warmup -1!--warmup||must be >= 0", "--eval-every -1!--eval-every||-1",
        "--save-every -5!--save-every||-5", "--warmup-ratio 2!--warmup-ratio must be in [0, 1], was 2",
        "--weight-decay -1!weight decay must be", "--clip -1!clip must be", "--label-smoothing 1!label smoothing",
        "--model-dropout 1.5!--model-dropout must be in [0, 1), was 1.5", "--lora-dropout 1!dropout must be",
        "--seeds 1,1!a seed is there twice: [1, 1] (--seeds)", "--seeds 1,x!--seeds||'x'",
        "--recipe paper/none!--recipe||lorikeet recipes", "--init-adapter nowhere!--init-adapter||nowhere",
        "--targets quary!quary||Did you mean", "--targets query[!the bracket is not closed",
        "--init what!--init||what", "--bias some!--bias||some", "--lora-plus-ratio 0!ratio of LoRA+",
        "--head-only --rank 8!--head-only trains no adapter||--rank", "--head-only --dora!--head-only||--dora",
        "--head-only --lora-plus-ratio 16!--head-only||--lora-plus-ratio"
    })
    void an_option(String options, String words) {
        refused(train("sst-2", toy.data(), options.split(" ")), words);
    }

    @Test
    void a_file_where_the_run_should_go() throws IOException {
        Path file = Files.writeString(temp.resolve("file"), "x");
        assertThat(run("train", "--base", base.toString(), "--task", "sst-2", "--data", toy.data().toString(),
                "--out", file.toString())).isEqualTo(2);
        assertThat(said).contains("--out", "is a file; give a directory");
        assertThat(file).hasContent("x");
        assertThat(run("train", "--base", base.toString(), "--task", "sst-2", "--data", toy.data().toString(),
                "--out", file.resolve("run").toString())).isEqualTo(2);
        assertThat(said).contains("cannot write", file.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "metrics.csv!x,1,2,3,4,5,6!metrics.csv||a step in each line",
        "metrics.jsonl!{\"a\":1}!metrics.jsonl||a step in each line",
        "metrics.jsonl!{\"event\":\"step\",\"step\":1}!metrics.jsonl||an evaluation that was the best",
        "training_state.safetensors!xx!training_state.safetensors"
    })
    void what_a_run_is_resumed_from(String name, String content, String words) throws IOException {
        Path killed = copy(adapter.getParent(), temp.resolve("killed"));
        Files.writeString(killed.resolve(name), content);
        out = killed;
        assertThat(train("sst-2", toy.data(), "--resume", "--steps", "2")).as(said).isEqualTo(2);
        assertThat(said).contains(words.split("\\|\\|")).contains(killed.toString());
    }

    @Test
    void a_state_without_its_counters() throws IOException {
        Path killed = copy(adapter.getParent(), temp.resolve("killed"));
        Path state = killed.resolve(TrainingRun.STATE_FILE);
        Map<String, StoredTensor> tensors = BadTensor.read(state);
        Map<String, String> metadata;
        try (SafetensorsFile file = SafetensorsFile.open(state)) {
            metadata = new LinkedHashMap<>(file.metadata());
        }
        metadata.put("step", "many");
        SafetensorsWriter.write(state, BadTensor.sources(tensors), metadata);
        out = killed;
        assertThat(train("sst-2", toy.data(), "--resume", "--steps", "2")).as(said).isEqualTo(2);
        assertThat(said).contains(TrainingRun.STATE_FILE, "step=many", "start anew");
    }

    private void copyBase() throws IOException {
        base = copy(toy.base(), temp.resolve("base"));
    }

    private static Path copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
        return to;
    }
}
