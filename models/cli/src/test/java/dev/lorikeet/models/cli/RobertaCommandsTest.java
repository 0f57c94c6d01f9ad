package dev.lorikeet.models.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.StoredTensor;
import dev.lorikeet.lora.io.AdapterFiles;
import dev.lorikeet.lora.io.PeftFormat;
import dev.lorikeet.models.Fixtures;
import dev.lorikeet.models.HostValues;
import dev.lorikeet.models.SharedData;
import dev.lorikeet.models.base.BaseModel;
import dev.lorikeet.models.batch.TokenBatch;
import dev.lorikeet.models.roberta.RobertaClassifier;
import dev.lorikeet.models.roberta.RobertaConfig;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.io.Checkpoint;
import dev.lorikeet.tensor.io.SafetensorsWriter;
import dev.lorikeet.tensor.io.TensorInfo;
import dev.lorikeet.tensor.io.TensorSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Inspecting, converting and merging with RoBERTa and its heads.
class RobertaCommandsTest {
    private static final TokenBatch TEXTS =
            TokenBatch.unlabelled(List.of(new int[] {0, 17, 33, 90, 2}, new int[] {0, 8, 2}));

    @TempDir
    private Path temp;

    private String said;

    private void run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
        assertThat(code).as(err.toString()).isZero();
        said = out.toString();
    }

    @Test
    void a_name_is_enough_to_count_updates_and_head() {
        run("inspect", "roberta-base", "--labels", "3", "--rank", "8", "--summary");
        assertThat(said).contains("124,055,040 parameters", "887,811 trainable", "294,912 in updates",
                "592,899 in whole modules");

        run("inspect", "roberta-large", "--labels", "3", "--rank", "8", "--summary");
        assertThat(said).contains("354,310,144 parameters", "786,432 in updates", "1,052,675 in whole modules");

        run("inspect", "roberta-base", "--labels", "1", "--rank", "8", "--targets", "all-linear");
        assertThat(said).contains("classifier.out_proj.weight", "(1, 768)  trained as a whole",
                "12 blocks, width 768", "regression");
    }

    @Test
    void a_checkpoint_of_the_papers_code_goes_to_peft_and_back_bit_for_bit() {
        roundTrip(Fixtures.of("roberta-loralib").resolve("lora.bin"), "8");
    }

    @Test
    void the_papers_own_adapter_goes_to_peft_and_back_bit_for_bit() {
        Path mnli = SharedData.require("lora-mnli-adapter/roberta_base_lora_mnli.bin");

        roundTrip(mnli, "16");

        run("inspect", mnli.toString(), "--adapter-alpha", "16");
        assertThat(said).contains("887,811: 294,912 in updates, 592,899 in whole weights", "scale 2");
    }

    private void roundTrip(Path original, String alpha) {
        Path peft = temp.resolve("peft");
        Path back = temp.resolve("back.bin");
        run("convert", "--to", "peft", "--alpha", alpha, original.toString(), peft.toString());
        run("convert", "--to", "loralib", "--flat", peft.toString(), back.toString());

        try (Checkpoint first = Checkpoint.open(original); Checkpoint last = Checkpoint.open(back)) {
            assertThat(new HashSet<>(last.names())).isEqualTo(new HashSet<>(first.names()));
            for (String name : first.names()) {
                assertThat(last.info(name).shape()).as(name).isEqualTo(first.info(name).shape());
                assertThat(last.info(name).dtype()).as(name).isEqualTo(first.info(name).dtype());
                assertThat(first.bytes(name).mismatch(last.bytes(name))).as(name).isEqualTo(-1);
            }
        }
        StoredAdapter adapter = AdapterFiles.open(peft);
        assertThat(adapter.about().taskType()).isEqualTo("SEQ_CLS");
        assertThat(adapter.about().fanInFanOut()).isFalse();
        assertThat(adapter.config().modulesToSave()).containsExactly("classifier", "score");
    }

    @Test
    void a_merged_classifier_is_a_complete_directory_that_says_the_same() throws IOException {
        Path base = Fixtures.copy("roberta-tiny-seqcls", temp);
        Files.writeString(base.resolve("tokenizer.json"), "{}");
        Path adapter = Fixtures.of("roberta-peft-lora").resolve("adapter");
        Path out = temp.resolve("merged");

        run("merge", "--base", base.toString(), "--adapter", adapter.toString(), "--out", out.toString());

        assertThat(out.resolve("tokenizer.json")).exists();
        assertThat(out.resolve("config.json")).hasSameTextualContentAs(base.resolve("config.json"));
        assertThat(logits(out, null)).containsExactly(logits(base, adapter), within(1e-6));
        assertThat(logits(out, null)).isNotEqualTo(logits(base, null));
    }

    /// The base has no such head and no prefix before its names.
    @Test
    void a_head_that_the_adapter_brings_is_in_the_merged_model() throws IOException {
        Path base = Fixtures.copy("roberta-tiny-mlm", temp);
        withoutPrefix(base.resolve("model.safetensors"));
        Path adapter = Fixtures.of("roberta-peft-lora").resolve("adapter");
        Path out = temp.resolve("merged");

        run("merge", "--base", base.toString(), "--adapter", adapter.toString(), "--out", out.toString());

        JsonNode config = new ObjectMapper().readTree(Files.readAllBytes(out.resolve("config.json")));
        assertThat(config.get("architectures")).hasToString("[\"RobertaForSequenceClassification\"]");
        assertThat(config.get("id2label")).hasToString("{\"0\":\"LABEL_0\",\"1\":\"LABEL_1\",\"2\":\"LABEL_2\"}");
        assertThat(config.get("hidden_size").intValue()).isEqualTo(32);
        assertThat(logits(out, null)).containsExactly(logits(base, adapter), within(1e-6));
        try (Checkpoint checkpoint = Checkpoint.open(out)) {
            assertThat(checkpoint.names()).contains("classifier.out_proj.weight", "roberta.embeddings.LayerNorm.bias")
                    .noneMatch(name -> name.startsWith("lm_head"));
        }
    }

    /// As files of the bare model have it.
    private static void withoutPrefix(Path file) {
        List<TensorSource> tensors = new ArrayList<>();
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            for (TensorInfo info : checkpoint.infos()) {
                StoredTensor copy = StoredTensor.copyOf(info.dtype(), info.shape(), checkpoint.bytes(info.name()));
                tensors.add(TensorSource.of(
                        info.name().replaceFirst("^roberta\\.", ""), copy.dtype(), copy.shape(), copy.bytes()));
            }
        }
        SafetensorsWriter.write(file, tensors, SafetensorsWriter.PT);
    }

    private static double[] logits(Path directory, Path adapter) {
        List<StoredAdapter> stored = adapter == null ? List.of() : List.of(PeftFormat.read(adapter));
        try (Backend backend = Backends.open("scalar"); Pool pool = new Pool(backend);
                BaseModel base = BaseModel.open(backend, directory); Tape tape = Tape.inference(pool)) {
            List<LoraAdapter> adapters =
                    stored.stream().map(one -> LoraAdapter.frozen("default", one, base.store())).toList();
            RobertaConfig config = ((RobertaConfig) base.config()).with(stored);
            RobertaClassifier model = base.adapted(config.classifier(), adapters).model();
            double[] logits = HostValues.doubles(backend, model.logits(tape, TEXTS).value());
            adapters.forEach(LoraAdapter::close);
            return logits;
        }
    }

    @Test
    void a_roberta_does_not_generate() {
        StringWriter err = new StringWriter();
        Path mlm = Fixtures.of("roberta-tiny-mlm");
        int code = Main.run(new PrintWriter(new StringWriter()), new PrintWriter(err, true),
                new String[] {"generate", "--base", mlm.toString(), "Hi"});

        assertThat(code).isEqualTo(2);
        assertThat(err.toString())
                .contains("config.json", "is of a roberta model, which does not predict the next token");
    }
}
