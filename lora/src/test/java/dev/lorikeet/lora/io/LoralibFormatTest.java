package dev.lorikeet.lora.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.lora.BlockForm;
import dev.lorikeet.lora.Columns;
import dev.lorikeet.lora.Fixtures;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.StoredDelta;
import dev.lorikeet.lora.StoredTensor;
import dev.lorikeet.lora.Targets;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.io.Checkpoint;
import dev.lorikeet.tensor.io.FormatException;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoralibFormatTest {
    private static final String C_ATTN = "transformer.h.1.attn.c_attn";

    @TempDir
    private Path directory;

    private static Path golden(String name) {
        return Fixtures.resource("loralib/" + name);
    }

    private static StoredAdapter lora() {
        return LoralibFormat.read(golden("lora.pt"), LoralibOptions.alpha(32));
    }

    private static byte[] bytes(StoredTensor tensor) {
        return tensor.bytes().toArray(ValueLayout.JAVA_BYTE);
    }

    private static void assertSame(StoredAdapter found, StoredAdapter expected) {
        assertThat(found.deltas().keySet()).isEqualTo(expected.deltas().keySet());
        expected.deltas().forEach((path, delta) -> {
            StoredDelta other = found.deltas().get(path);
            assertThat(other.columns()).isEqualTo(delta.columns());
            assertThat(bytes(other.a())).isEqualTo(bytes(delta.a()));
            assertThat(bytes(other.b())).isEqualTo(bytes(delta.b()));
            assertThat(found.config().scaleFor(path)).isEqualTo(expected.config().scaleFor(path));
        });
    }

    @Test
    void the_checkpoint_of_the_papers_gpt2_code_is_read_with_inferred_rank_and_columns() {
        StoredAdapter adapter = lora();
        Map<String, StoredTensor> expected = Fixtures.tensors(golden("lora.safetensors"));
        assertThat(adapter.deltas()).hasSize(2);
        StoredDelta delta = adapter.deltas().get(C_ATTN);
        assertThat(delta.rank()).isEqualTo(4);
        assertThat(delta.out()).isEqualTo(96);
        assertThat(delta.columns()).isEqualTo(Columns.parse("q,v"));
        assertThat(bytes(delta.a())).isEqualTo(bytes(expected.get(C_ATTN + ".lora_A")));
        assertThat(bytes(delta.b())).isEqualTo(bytes(expected.get(C_ATTN + ".lora_B")));
        assertThat(adapter.config().scaleFor(C_ATTN)).isEqualTo(8);
        assertThat(adapter.config().targets()).hasToString("c_attn[q,v]");
        assertThat(adapter.notes()).singleElement().asString().contains("for q and v");
    }

    @Test
    void a_checkpoint_of_the_whole_model_gives_the_same_adapter() {
        StoredAdapter full = LoralibFormat.read(golden("full.pt"), LoralibOptions.alpha(32));
        assertSame(full, lora());
        assertThat(full.saved()).isEmpty();
        assertThat(full.notes()).anyMatch(note -> note.contains("weights of the base model"));
        StoredAdapter withNorm = LoralibFormat.read(golden("full.pt"), new LoralibOptions(32.0, null, List.of("ln_f")));
        assertThat(withNorm.saved()).containsOnlyKeys("transformer.ln_f.weight", "transformer.ln_f.bias");
    }

    @Test
    void alpha_must_be_given_unless_a_sidecar_has_it() throws IOException {
        assertThatThrownBy(() -> LoralibFormat.read(golden("lora.pt"), LoralibOptions.none()))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("lora.pt").hasMessageContaining("alpha").hasMessageContaining("lora.pt.json");
        Path file = directory.resolve("model.pt");
        LoralibFormat.write(file, lora(), true);
        StoredAdapter again = LoralibFormat.read(file, LoralibOptions.none());
        assertSame(again, lora());
        assertThat(again.notes()).isEmpty();
        assertThat(LoralibFormat.read(file, LoralibOptions.alpha(16)).config().alpha()).isEqualTo(16);
        Files.writeString(LoralibFormat.sidecar(file), "{}");
        assertThatThrownBy(() -> LoralibFormat.read(file, LoralibOptions.none())).hasMessageContaining("lora_alpha");
    }

    @Test
    void files_are_nested_or_flat() {
        for (boolean nested : new boolean[] {true, false}) {
            Path file = directory.resolve(nested + ".bin");
            LoralibFormat.write(file, lora(), nested);
            assertSame(LoralibFormat.read(file, LoralibOptions.none()), lora());
            try (Checkpoint checkpoint = Checkpoint.open(file)) {
                assertThat(checkpoint.names()).contains(C_ATTN + ".lora_A", C_ATTN + ".lora_B").hasSize(4);
            }
        }
    }

    @Test
    void other_columns_can_be_named_and_must_fit() {
        StoredAdapter qk = LoralibFormat.read(
                golden("lora.pt"), new LoralibOptions(32.0, Targets.parse("c_attn[q,k]"), List.of()));
        assertThat(qk.deltas().get(C_ATTN).columns()).isEqualTo(Columns.parse("q,k"));
        assertThat(qk.notes()).isEmpty();
        assertThatThrownBy(() -> LoralibFormat.read(
                golden("lora.pt"), new LoralibOptions(32.0, Targets.parse("c_attn"), List.of())))
                .hasMessageContaining("1 groups for the columns").hasMessageContaining("2 groups");
        assertThatThrownBy(() -> LoralibFormat.read(
                golden("lora.pt"), new LoralibOptions(32.0, Targets.parse("c_fc"), List.of())))
                .hasMessageContaining("c_attn.lora_A").hasMessageContaining("targets c_fc");
    }

    @Test
    void to_peft_and_back_loses_nothing() {
        PeftFormat.write(directory, lora());
        StoredAdapter peft = PeftFormat.read(directory);
        assertSame(peft, lora());
        StoredAdapter full = BlockForm.expand(lora());
        assertThat(full.config().rank()).isEqualTo(8);
        assertThat(full.config().alpha()).isEqualTo(64);
        assertThat(full.deltas().get(C_ATTN).b().shape()).isEqualTo(Shape.of(96, 8));
        StoredTensor b = lora().deltas().get(C_ATTN).b();
        for (int i = 0; i < 96; i++) {
            for (int j = 0; j < 8; j++) {
                double expected =
                        i < 32 && j < 4 ? b.get(i * 4 + j) : i >= 64 && j >= 4 ? b.get((i - 32) * 4 + j - 4) : 0;
                assertThat(full.deltas().get(C_ATTN).b().get(i * 8 + j)).isEqualTo(expected);
            }
        }
        assertSame(BlockForm.splitFused(full), lora());
        assertThat(BlockForm.splitFused(full).config().targets()).hasToString("c_attn[q,v]");
        LoralibFormat.write(directory.resolve("back.pt"), BlockForm.splitFused(full), true);
        assertSame(LoralibFormat.read(directory.resolve("back.pt"), LoralibOptions.none()), lora());
    }

    @Test
    void a_peft_adapter_whose_thirds_share_a_has_no_place_in_loralib() {
        StoredAdapter peft = PeftFormat.read(Fixtures.resource("peft/lora"));
        assertThatThrownBy(() -> BlockForm.splitFused(peft)).hasMessageContaining("c_attn");
        StoredAdapter patterns = PeftFormat.read(Fixtures.resource("peft/rankpattern"));
        assertThatThrownBy(() -> LoralibFormat.write(directory.resolve("x.pt"), patterns, true))
                .hasMessageContaining("one alpha for all modules");
    }

    @Test
    void plain_layers_and_trained_heads_of_the_released_roberta_adapter_are_read() {
        Path file = Fixtures.shared("lora-mnli-adapter/roberta_base_lora_mnli.bin");
        StoredAdapter adapter = LoralibFormat.read(file, LoralibOptions.alpha(16));
        assertThat(adapter.deltas()).hasSize(24);
        assertThat(adapter.saved()).containsOnlyKeys("classifier.dense.weight", "classifier.dense.bias",
                "classifier.out_proj.weight", "classifier.out_proj.bias");
        assertThat(adapter.config().rank()).isEqualTo(8);
        assertThat(adapter.config().targets()).hasToString("query,value");
        assertThat(adapter.parameterCount()).isEqualTo(294_912 + 592_899);
        PeftFormat.write(directory, adapter);
        StoredAdapter again = PeftFormat.read(directory);
        assertSame(again, adapter);
        assertThat(again.saved().keySet()).isEqualTo(adapter.saved().keySet());
    }

    @Test
    void adapters_are_recognised_by_what_they_are() throws IOException {
        assertThat(AdapterFiles.open(Fixtures.resource("peft/lora")).config().rank()).isEqualTo(4);
        assertThat(AdapterFiles.open(Fixtures.resource("peft/lora/adapter_model.safetensors")).deltas()).hasSize(2);
        assertThat(AdapterFiles.open(Fixtures.resource("peft/lora-old/adapter_model.bin")).deltas()).hasSize(2);
        assertThat(AdapterFiles.open(golden("lora.pt"), LoralibOptions.alpha(32)).deltas()).hasSize(2);
        PeftFormat.write(directory.resolve("mine"), lora());
        assertThat(AdapterFiles.open(directory).deltas()).hasSize(2);
        PeftFormat.write(directory.resolve("yours"), lora());
        assertThatThrownBy(() -> AdapterFiles.open(directory)).hasMessageContaining("several adapters");
        assertThatThrownBy(() -> AdapterFiles.open(Files.createDirectory(directory.resolve("empty"))))
                .hasMessageContaining("adapter_config.json");
        assertThatThrownBy(() -> AdapterFiles.open(directory.resolve("nothing"))).hasMessageContaining("nothing there");
        Path weights = directory.resolve("layers.safetensors");
        Files.copy(golden("lora.safetensors"), weights);
        assertThat(AdapterFiles.open(weights, LoralibOptions.alpha(32)).deltas()).hasSize(2);
        assertThatThrownBy(() -> AdapterFiles.open(golden("full.pt"))).hasMessageContaining("alpha");
    }
}
