package dev.lorikeet.lora.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.lora.BlockForm;
import dev.lorikeet.lora.Fixtures;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraInit;
import dev.lorikeet.lora.Numbers;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.StoredDelta;
import dev.lorikeet.lora.StoredTensor;
import dev.lorikeet.lora.Targets;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.io.FormatException;
import dev.lorikeet.tensor.io.SafetensorsWriter;
import dev.lorikeet.tensor.io.TensorSource;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeftFormatTest {
    private static final String C_ATTN = "transformer.h.0.attn.c_attn";

    @TempDir
    private Path directory;

    private static Path golden(String name) {
        return Fixtures.resource("peft/" + name);
    }

    private static byte[] bytes(StoredTensor tensor) {
        return tensor.bytes().toArray(ValueLayout.JAVA_BYTE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora", "rslora", "rankpattern", "modulestosave", "dora", "bias-all", "embedding"})
    void a_golden_adapter_is_written_again_byte_for_byte(String name) throws IOException {
        PeftFormat.write(directory, PeftFormat.read(golden(name)));

        assertThat(directory.resolve("adapter_model.safetensors"))
                .hasSameBinaryContentAs(golden(name).resolve("adapter_model.safetensors"));
        JsonNode written = new ObjectMapper().readTree(directory.resolve("adapter_config.json").toFile());
        JsonNode original = new ObjectMapper().readTree(golden(name).resolve("adapter_config.json").toFile());
        written.properties().forEach(entry ->
                assertThat(entry.getValue()).as(entry.getKey()).isEqualTo(original.get(entry.getKey())));
        assertThat(written.has("r") && written.has("lora_alpha") && written.has("use_rslora")).isTrue();
        String text = Files.readString(directory.resolve("adapter_config.json"));
        assertThat(text).startsWith("{\n  \"alpha_pattern\": ").endsWith("\n}").contains("\"loftq_config\": {},\n")
                .contains("\"lora_dropout\": 0.0,\n").contains("\"target_modules\": [\n    \"c_attn\"");
    }

    @Test
    void configurations_are_read_with_their_patterns_and_scales() {
        assertThat(PeftFormat.read(golden("lora")).config().scaleFor(C_ATTN)).isEqualTo(8);
        assertThat(PeftFormat.read(golden("rslora")).config().scaleFor(C_ATTN))
                .isEqualTo(16 / Math.sqrt(8), within(1e-15));
        StoredAdapter patterns = PeftFormat.read(golden("rankpattern"));
        assertThat(patterns.deltas()).hasSize(8);
        assertThat(patterns.deltas().get("transformer.h.1.attn.c_attn").rank()).isEqualTo(7);
        assertThat(patterns.deltas().get("transformer.h.0.mlp.c_proj").a().shape()).isEqualTo(Shape.of(2, 128));
        assertThat(patterns.config().scaleFor("transformer.h.1.attn.c_attn")).isEqualTo(3);
        StoredAdapter saved = PeftFormat.read(golden("modulestosave"));
        assertThat(saved.saved())
                .containsOnlyKeys("lm_head.weight", "transformer.ln_f.weight", "transformer.ln_f.bias");
        assertThat(saved.about()).isEqualTo(new StoredAdapter.About("gpt2-tiny", "CAUSAL_LM", true));
        assertThat(saved.describe()).contains("gpt2-tiny", "4, 16", "transformer.h.*.attn.c_attn", "lm_head.weight");
    }

    @Test
    void the_old_pickle_holds_the_same_adapter() {
        StoredAdapter old = PeftFormat.read(golden("lora-old"));
        StoredAdapter current = PeftFormat.read(golden("lora"));
        assertThat(old.config()).isEqualTo(current.config());
        assertThat(old.deltas().keySet()).isEqualTo(current.deltas().keySet());
        current.deltas().forEach((path, delta) -> {
            assertThat(bytes(old.deltas().get(path).a())).isEqualTo(bytes(delta.a()));
            assertThat(bytes(old.deltas().get(path).b())).isEqualTo(bytes(delta.b()));
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "\"bias\": \"some\"", "\"init_lora_weights\": \"pissa_niter_16\"",
        "\"init_lora_weights\": \"olora\"", "\"layer_replication\": [[0, 1]]", "\"target_parameters\": [\"x\"]",
        "\"trainable_token_indices\": {\"wte\": [1]}", "\"alora_invocation_tokens\": [1, 2]", "\"use_qalora\": true",
        "\"arrow_config\": {\"top_k\": 3}", "\"megatron_config\": {\"a\": 1}", "\"eva_config\": {\"rho\": 2.0}",
        "\"loftq_config\": {\"loftq_bits\": 4}", "\"use_shiny_new_thing\": true", "\"new_scaling\": 2",
        "\"some_config\": {\"a\": 1}", "\"alpha\": 99",
    })
    void settings_that_change_the_arithmetic_are_refused_by_key_value_and_file(String setting) throws IOException {
        config("\"peft_type\": \"LORA\", \"target_modules\": [\"c_attn\"], \"r\": 4, \"lora_alpha\": 32, " + setting);
        String key = setting.substring(1, setting.indexOf('"', 1));
        String value = setting.substring(setting.indexOf(": ") + 2).replace(" ", "");
        assertThatThrownBy(() -> PeftFormat.read(directory))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("adapter_config.json").hasMessageContaining("\"" + key + "\"")
                .hasMessageContaining(value);
    }

    @Test
    void unknown_keys_that_are_off_or_harmless_are_tolerated() throws IOException {
        config("""
                "peft_type": "LORA", "target_modules": ["c_attn"], "r": 4, "lora_alpha": 32, "use_dora": false,
                "future_a": null, "use_future": false, "future_config": {}, "future_list": [], "future_text": "",
                "alpha": 32, "author": "me", "future_number": 0, "megatron_core": "megatron.core", "revision": "main"\
                """);
        assertThat(PeftFormat.read(directory).notes()).hasSize(2)
                .anyMatch(note -> note.contains("\"author\""))
                .anyMatch(note -> note.contains("repeats \"lora_alpha\""));
    }

    @Test
    void what_the_file_does_not_say_is_pefts_default_and_reported() throws IOException {
        Files.copy(golden("rslora")
                .resolve("adapter_model.safetensors"), directory.resolve("adapter_model.safetensors"));
        Files.writeString(directory.resolve("adapter_config.json"),
                "{\"peft_type\": \"LORA\", \"target_modules\": [\"c_attn\"]}");
        StoredAdapter adapter = PeftFormat.read(directory);
        assertThat(adapter.config().scaleFor(C_ATTN)).isEqualTo(1);
        assertThat(adapter.config().init()).isEqualTo(LoraInit.DEFAULT);
        assertThat(adapter.notes()).containsExactly(
                "the file has no \"r\": took PEFT's default 8",
                        "the file has no \"lora_alpha\": took PEFT's default 8");
    }

    @Test
    void a_text_of_targets_is_a_regular_expression_and_layers_may_be_single() throws IOException {
        config("\"peft_type\": \"LORA\", \"target_modules\": \".*c_attn\", \"r\": 4, \"lora_alpha\": 1.5");
        assertThat(PeftFormat.read(directory).config().targets()).isEqualTo(new Targets.Regex(".*c_attn"));
        config("\"peft_type\": \"LORA\", \"target_modules\": [\"c_attn\"], \"r\": 4, \"layers_to_transform\": 1, "
                + "\"layers_pattern\": \"h\", \"exclude_modules\": [\"c_fc\"]");
        LoraConfig config = PeftFormat.read(directory).config();
        assertThat(config.layers().layers()).containsExactly(1);
        assertThat(config.layers().patterns()).containsExactly("h");
        PeftFormat.write(directory, PeftFormat.read(directory));
        assertThat(PeftFormat.read(directory).config()).isEqualTo(config);
    }

    @Test
    void malformed_configurations_are_refused_with_file_and_reason() throws IOException {
        config("\"peft_type\": \"IA3\"");
        assertThatThrownBy(() -> PeftFormat.read(directory)).hasMessageContaining("IA3");
        config("\"peft_type\": \"LORA\"");
        assertThatThrownBy(() -> PeftFormat.read(directory)).hasMessageContaining("target_modules");
        config("\"peft_type\": \"LORA\", \"target_modules\": [\"a\"], \"r\": 0");
        assertThatThrownBy(() -> PeftFormat.read(directory)).hasMessageContaining("rank must be at least 1");
        config("\"peft_type\": \"LORA\", \"target_modules\": [\"a\"], \"r\": \"four\"");
        assertThatThrownBy(() -> PeftFormat.read(directory)).hasMessageContaining("\"r\" to be an integer");
        config("\"peft_type\": \"LORA\", \"target_modules\": [\"a\"], \"r\": 4, \"r\": 5");
        assertThatThrownBy(() -> PeftFormat.read(directory)).hasMessageContaining("Duplicate field 'r'");
        config("\"peft_type\": \"LORA\", \"target_modules\": [\"c_attn\"], \"r\": 5");
        assertThatThrownBy(() -> PeftFormat.read(directory))
                .hasMessageContaining(C_ATTN + ".lora_A").hasMessageContaining("rank 5")
                .hasMessageContaining("(4, 32)");
        Files.delete(directory.resolve("adapter_model.safetensors"));
        assertThatThrownBy(() -> PeftFormat.read(directory))
                .hasMessageContaining("adapter_model.safetensors or adapter_model.bin");
        assertThatThrownBy(() -> PeftFormat.read(directory.resolve("nowhere")))
                .hasMessageContaining("adapter_config.json");
    }

    /// A configuration beside the golden tensors of rank 4.
    private void config(String fields) throws IOException {
        Path tensors = directory.resolve("adapter_model.safetensors");
        if (!Files.exists(tensors)) {
            Files.copy(golden("lora").resolve("adapter_model.safetensors"), tensors);
        }
        Files.writeString(directory.resolve("adapter_config.json"), "{" + fields + "}");
    }

    @Test
    void incomplete_and_doubled_tensors_are_refused() throws IOException {
        config("\"peft_type\": \"LORA\", \"target_modules\": [\"x\"], \"r\": 2, \"lora_alpha\": 4");
        tensors(Map.of("base_model.model.x.lora_A.weight", Shape.of(2, 3)));
        assertThatThrownBy(() -> PeftFormat.read(directory)).hasMessageContaining("x.lora_B");
        tensors(Map.of("base_model.model.x.lora_B.weight", Shape.of(3, 2)));
        assertThatThrownBy(() -> PeftFormat.read(directory)).hasMessageContaining("x.lora_A");
        tensors(Map.of("base_model.model.classifier.weight", Shape.of(3, 2)));
        assertThatThrownBy(() -> PeftFormat.read(directory)).hasMessageContaining("not a LoRA adapter");
        tensors(Map.of());
        assertThatThrownBy(() -> PeftFormat.read(directory)).hasMessageContaining("not a LoRA adapter");
        tensors(Map.of("base_model.model.x.lora_A.weight", Shape.of(2, 3),
                "x.lora_A.default.weight", Shape.of(2, 3), "base_model.model.x.lora_B.weight", Shape.of(3, 2)));
        assertThatThrownBy(() -> PeftFormat.read(directory)).hasMessageContaining("Two spellings");
        tensors(Map.of("base_model.model.x.lora_A.weight", Shape.of(2, 3, 1, 1),
                "base_model.model.x.lora_B.weight", Shape.of(3, 2, 1, 1)));
        assertThatThrownBy(() -> PeftFormat.read(directory)).hasMessageContaining("convolutions");
    }

    @Test
    void names_of_early_versions_and_of_memory_are_accepted() throws IOException {
        config("\"peft_type\": \"LORA\", \"target_modules\": [\"x\"], \"r\": 2, \"lora_alpha\": 4, "
                + "\"task_type\": \"SEQ_CLS\"");
        Map<String, Shape> shapes = new LinkedHashMap<>();
        shapes.put("x.lora_A.default.weight", Shape.of(2, 3));
        shapes.put("base_model.model.x.lora_B.default.weight", Shape.of(3, 2));
        shapes.put("base_model.model.classifier.modules_to_save.default.weight", Shape.of(2, 3));
        shapes.put("base_model.model.classifier.original_module.weight", Shape.of(2, 3));
        shapes.put("base_model.model.wte.weight", Shape.of(7, 3));
        tensors(shapes);
        StoredAdapter adapter = PeftFormat.read(directory);
        assertThat(adapter.deltas()).containsOnlyKeys("x");
        assertThat(adapter.saved()).containsOnlyKeys("classifier.weight", "wte.weight");
        assertThat(adapter.config().modulesToSave()).containsExactly("classifier", "score", "wte");
        assertThat(adapter.notes()).anyMatch(note -> note.contains("original_module"))
                .anyMatch(note -> note.contains("does not list: wte"));
    }

    private void tensors(Map<String, Shape> shapes) {
        SafetensorsWriter.write(directory.resolve("adapter_model.safetensors"),
                shapes.entrySet().stream().map(entry -> {
                    StoredTensor zeros = StoredTensor.zeros(DType.F32, entry.getValue());
                    return TensorSource.of(entry.getKey(), zeros.dtype(), zeros.shape(), zeros.bytes());
                }).toList(), SafetensorsWriter.PT);
    }

    @Test
    void each_tensor_keeps_its_own_element_type() {
        StoredTensor a = StoredTensor.zeros(DType.BF16, Shape.of(2, 3));
        StoredTensor b = StoredTensor.zeros(DType.F16, Shape.of(5, 2));
        a.bytes().fill((byte) 0x3f);
        b.bytes().fill((byte) 0x3c);
        StoredAdapter adapter = new StoredAdapter(LoraConfig.of(2, 3, "x"), StoredAdapter.About.nothing(),
                new TreeMap<>(Map.of("x", StoredDelta.full(a, b))), new TreeMap<>(), List.of());
        PeftFormat.write(directory, adapter);
        StoredDelta read = PeftFormat.read(directory).deltas().get("x");
        assertThat(read.a().dtype()).isEqualTo(DType.BF16);
        assertThat(read.b().dtype()).isEqualTo(DType.F16);
        assertThat(bytes(read.a())).isEqualTo(bytes(a));
        try (Backend backend = Backends.open("scalar")) {
            assertThat(Numbers.of(backend, read.a().to(backend, DType.F32))).containsOnly(a.get(0))
                    .containsOnly(0.74609375);
            assertThat(Numbers.of(backend, read.b().to(backend, DType.F32))).containsOnly(b.get(0));
        }
    }

    @Test
    void slices_are_written_as_blocks_that_peft_computes_and_are_found_again() {
        StoredAdapter sliced = sliced("c_attn[q,v],c_fc");
        PeftFormat.write(directory, sliced);

        StoredAdapter again = PeftFormat.read(directory);
        assertThat(again.config().targets()).isEqualTo(sliced.config().targets());
        assertThat(again.config().dropout()).isEqualTo(0.25);
        for (String path : sliced.deltas().keySet()) {
            StoredDelta before = sliced.deltas().get(path);
            StoredDelta after = again.deltas().get(path);
            assertThat(after.columns()).isEqualTo(before.columns());
            assertThat(after.rank()).isEqualTo(before.rank());
            assertThat(bytes(after.a())).isEqualTo(bytes(before.a()));
            assertThat(bytes(after.b())).isEqualTo(bytes(before.b()));
            assertThat(again.config().scaleFor(path)).isEqualTo(sliced.config().scaleFor(path), within(1e-15));
        }
        StoredAdapter full = BlockForm.expand(sliced);
        assertThat(full.deltas().get("h.0.c_attn").b().shape()).isEqualTo(Shape.of(9, 4));
        assertThat(full.config().rankFor("h.0.c_attn")).isEqualTo(4);
        assertThat(full.config().alphaFor("h.0.c_attn")).isEqualTo(14);
        assertThat(full.config().rankFor("h.0.c_fc")).isEqualTo(2);
    }

    private static StoredAdapter sliced(String targets) {
        LoraConfig config = LoraConfig.of(2, 7, targets).toBuilder().dropout(0.25).build();
        TreeMap<String, StoredDelta> deltas = new TreeMap<>();
        try (Backend backend = Backends.open("scalar")) {
            for (String path : List.of("h.0.c_attn", "h.1.c_attn", "h.0.c_fc")) {
                config.columnsFor(path).ifPresent(columns -> {
                    int width = columns.isAll() ? 9 : 3 * columns.groups();
                    deltas.put(path, new StoredDelta(
                            Numbers.randomStored(backend, Shape.of(2 * columns.groups(), 5), path.hashCode()),
                            Numbers.randomStored(backend, Shape.of(width, 2), path.hashCode() + 1), columns, 9));
                });
            }
        }
        return new StoredAdapter(config, StoredAdapter.About.nothing(), deltas, new TreeMap<>(), List.of());
    }

    @Test
    void patterns_whose_order_matters_survive_the_sorting_of_keys() {
        Map<String, Integer> ranks = new LinkedHashMap<>();
        ranks.put("h.1.c_attn", 3);
        ranks.put("c_attn", 4);     // sorted, this one would come first
        LoraConfig config = LoraConfig.of(2, 6, "c_attn").toBuilder().rankPattern(ranks).build();
        TreeMap<String, StoredDelta> deltas = new TreeMap<>();
        for (int i = 0; i < 2; i++) {
            int r = config.rankFor("h." + i + ".c_attn");
            deltas.put("h." + i + ".c_attn", StoredDelta.full(
                    StoredTensor.zeros(DType.F32, Shape.of(r, 5)), StoredTensor.zeros(DType.F32, Shape.of(9, r))));
        }
        PeftFormat.write(directory, new StoredAdapter(
                config, StoredAdapter.About.nothing(), deltas, new TreeMap<>(), List.of()));
        LoraConfig read = PeftFormat.read(directory).config();
        assertThat(read.rankFor("h.0.c_attn")).isEqualTo(4);
        assertThat(read.rankFor("h.1.c_attn")).isEqualTo(3);
        assertThat(read.scaleFor("h.1.c_attn")).isEqualTo(2);
    }

    @Test
    void blocks_that_were_edited_are_read_as_updates_of_all_columns() throws IOException {
        StoredAdapter full = BlockForm.expand(sliced("c_attn[q,v]"));
        TreeMap<String, StoredDelta> edited = new TreeMap<>(full.deltas());
        StoredDelta delta = edited.get("h.0.c_attn");
        StoredTensor b = StoredTensor.copyOf(delta.b().dtype(), delta.b().shape(), delta.b().bytes());
        b.bytes().set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * (4 * 4 + 1), 1f);      // a row of k
        edited.put("h.0.c_attn", StoredDelta.full(delta.a(), b));
        StoredAdapter broken = new StoredAdapter(full.config(), full.about(), edited, full.saved(), List.of());
        assertThatThrownBy(() -> BlockForm.split(broken, Targets.parse("c_attn[q,v]")))
                .hasMessageContaining("'h.0.c_attn.lora_B' has not the block structure of slices [q,v]")
                .hasMessageContaining("rows 3 to 5");
        assertThatThrownBy(() -> BlockForm.split(broken, Targets.parse("c_fc")))
                .hasMessageContaining("do not say which columns of 'h.0.c_attn'");
        assertThatThrownBy(() -> BlockForm.split(full, Targets.parse("c_attn[q,k,v]")))
                .hasMessageContaining("rank 4").hasMessageContaining("3 slices");
    }

    @Test
    void real_adapters_of_other_people_are_read() {
        StoredAdapter gpt2 = PeftFormat.read(Fixtures.shared("peft-adapters/gpt2-c_attn-r8-safetensors"));
        assertThat(gpt2.deltas()).hasSize(12);
        assertThat(gpt2.saved()).containsOnlyKeys("score.weight");
        assertThat(gpt2.config().modulesToSave()).contains("score");
        assertThat(PeftFormat.read(Fixtures.shared("peft-adapters/gpt2-c_attn-c_proj-r8-bin")).deltas()).hasSize(24);
        StoredAdapter synthetic = PeftFormat.read(Fixtures.shared("peft-adapters/dialogpt-synthetic-r8-safetensors"));
        assertThat(synthetic.deltas()).hasSize(12);
        assertThat(synthetic.notes()).anyMatch(note -> note.contains("\"alpha\""));
        StoredAdapter roberta = PeftFormat.read(Fixtures.shared("peft-adapters/roberta-mrpc-r8-safetensors"));
        assertThat(roberta.deltas()).hasSize(24);
        assertThat(roberta.saved()).hasSize(4);
        PeftFormat.write(directory, roberta);
        assertThat(directory.resolve("adapter_model.safetensors")).hasSameBinaryContentAs(
                Fixtures.shared("peft-adapters/roberta-mrpc-r8-safetensors/adapter_model.safetensors"));
    }

    @Test
    void pefts_own_regression_files_are_read_or_refused_for_what_they_are() {
        Path files = Fixtures.shared("peft-adapters/peft-regression");
        StoredAdapter mlp = PeftFormat.read(files.resolve("lora_mlp"));
        assertThat(mlp.deltas()).containsOnlyKeys("lin0");
        assertThat(mlp.config().init()).isEqualTo(LoraInit.RANDOM);
        assertThat(PeftFormat.read(files.resolve("lora_mlp_modules_to_save")).saved())
                .containsOnlyKeys("lin1.weight", "lin1.bias");
        assertThatThrownBy(() -> PeftFormat.read(files.resolve("lora_conv2d"))).hasMessageContaining("convolutions");
        StoredAdapter tables = PeftFormat.read(files.resolve("lora_emb_conv1d"));
        assertThat(tables.deltas()).containsOnlyKeys("conv1d", "emb");
        assertThat(tables.deltas().get("emb").table()).isTrue();
        assertThat(tables.deltas().get("conv1d").table()).isFalse();
    }
}
