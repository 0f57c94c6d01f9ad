package dev.lorikeet.models.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.models.Fixtures;
import dev.lorikeet.models.verify.golden.CaseException;
import dev.lorikeet.models.verify.golden.CaseReport;
import dev.lorikeet.models.verify.golden.Check;
import dev.lorikeet.models.verify.golden.Manifest;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Backends;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a replay finds wrong, and what it refuses.
final class VerifierTest {
    private static Backend backend;

    @TempDir
    private Path scratch;

    @BeforeAll
    static void open() {
        backend = Backends.open("scalar");
    }

    @AfterAll
    static void close() {
        backend.close();
    }

    @Test
    void a_changed_number_is_found() throws IOException {
        Path copy = Fixtures.copy("ops-norm", scratch);
        addToFirstElement(copy.resolve("ops.safetensors"), 1e-3);

        CaseReport report = new Verifier(backend).verify(copy);

        assertThat(report.passed()).isFalse();
        assertThat(report.checks()).filteredOn(check -> check.status() == Check.Status.FAILED)
                .singleElement()
                .satisfies(check -> assertThat(check.error()).isBetween(0.9e-3, 1.1e-3));
    }

    @Test
    void a_tensor_that_nobody_computes_is_not_checked() throws IOException {
        Path copy = Fixtures.copy("ops-norm", scratch);
        edit(copy, text -> text.replaceFirst("\"op\": \"layernorm\"", "\"op\": \"unheard_of\""));

        CaseReport report = new Verifier(backend).verify(copy);

        assertThat(report.passed()).isFalse();
        assertThat(report.count(Check.Status.NOT_CHECKED)).isPositive();
        assertThat(report.count(Check.Status.FAILED)).isZero();
        assertThat(report.table(false)).contains("there is no operation 'unheard_of'");
    }

    @Test
    void a_scalar_that_nobody_computes_is_not_checked() throws IOException {
        Path copy = Fixtures.copy("ops-norm", scratch);
        edit(copy, text -> text.replaceFirst("\"scalars\": \\{", "\"scalars\": {\"temperature\": {\"value\": 1}"));

        assertThat(new Verifier(backend).verify(copy).checks())
                .filteredOn(check -> check.status() == Check.Status.NOT_CHECKED)
                .extracting(Check::name).containsExactly("temperature");
    }

    @Test
    void a_kind_that_is_not_built_says_so() throws IOException {
        Path copy = Fixtures.copy("ops-norm", scratch);
        edit(copy, text -> text.replaceFirst("\"kind\": \"ops\"", "\"kind\": \"mamba\""));

        CaseReport report = new Verifier(backend).verify(copy);

        assertThat(report.passed()).isFalse();
        assertThat(report.table(true)).contains("cases of kind mamba cannot be replayed yet");
    }

    @Test
    void an_adapter_that_is_not_computed_yet_says_what_it_needs() throws IOException {
        Fixtures.copy("gpt2-tiny", scratch);
        Path copy = Fixtures.copy("gpt2-peft-lora", scratch);
        Path config = copy.resolve("adapter/adapter_config.json");
        Files.writeString(config, Files.readString(config).replace("\"use_qalora\": false", "\"use_qalora\": true"));

        CaseReport report = new Verifier(backend).verify(copy);

        assertThat(report.count(Check.Status.NOT_CHECKED)).isEqualTo(report.checks().size());
        assertThat(report.table(true)).contains("QA-LoRA");
    }

    @Test
    void an_adapter_without_its_base_is_refused() {
        assertThatThrownBy(() -> new Verifier(backend).verify(Fixtures.copy("gpt2-peft-lora", scratch)))
                .isInstanceOf(CaseException.class)
                .hasMessageContaining("its base model 'gpt2-tiny' is not there");
    }

    @Test
    void a_changed_adapter_shows_in_everything_it_touches() throws IOException {
        Fixtures.copy("gpt2-tiny", scratch);
        Path copy = Fixtures.copy("gpt2-peft-lora", scratch);
        Path config = copy.resolve("adapter/adapter_config.json");
        Files.writeString(config, Files.readString(config).replace("\"lora_alpha\": 32", "\"lora_alpha\": 31"));

        CaseReport report = new Verifier(backend).verify(copy);

        assertThat(report.checks()).filteredOn(check -> check.status() == Check.Status.FAILED)
                .extracting(Check::name)
                .contains("logits", "loss", "merged_logits", "merged/transformer.h.0.attn.c_attn.weight",
                        "lora_modules/transformer.h.1.attn.c_attn", "numbers of adapter_old/");
    }

    @Test
    void another_alpha_shows_in_everything_it_touches() throws IOException {
        Fixtures.copy("roberta-tiny-seqcls", scratch);
        Path copy = Fixtures.copy("roberta-loralib", scratch);
        edit(copy, text -> text.replaceFirst("\"lora_alpha\": 8", "\"lora_alpha\": 9"));

        CaseReport report = new Verifier(backend).verify(copy);

        assertThat(report.checks()).filteredOn(check -> check.status() == Check.Status.FAILED)
                .extracting(Check::name)
                .contains("logits", "loss", "losses", "grad/classifier.out_proj.weight",
                        "grad/roberta.encoder.layer.0.attention.self.query.lora_A",
                        "after5/roberta.encoder.layer.1.attention.self.value.lora_B");
    }

    @Test
    void a_directory_without_a_manifest_is_refused() {
        assertThatThrownBy(() -> new Verifier(backend).verify(scratch))
                .isInstanceOf(CaseException.class)
                .hasMessageContaining("has no manifest.json");
    }

    @Test
    void a_manifest_that_does_not_fit_its_files_is_refused() throws IOException {
        Path copy = Fixtures.copy("ops-positions", scratch);
        edit(copy, text -> text.replaceFirst("\\[\\s*3,\\s*9\\s*\\]", "[9, 3]"));

        assertThatThrownBy(() -> new Verifier(backend).verify(copy))
                .isInstanceOf(CaseException.class)
                .hasMessageContaining("the manifest says");
    }

    private static void edit(Path directory, UnaryOperator<String> change) throws IOException {
        Path manifest = directory.resolve(Manifest.NAME);
        String before = Files.readString(manifest);
        String after = change.apply(before);
        assertThat(after).isNotEqualTo(before);
        Files.writeString(manifest, after);
    }

    /// Data is sorted by type, F64 before F32, so the first element belongs to a result.
    private static void addToFirstElement(Path file, double amount) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int at = 8 + Math.toIntExact(buffer.getLong(0));
        buffer.putDouble(at, buffer.getDouble(at) + amount);
        Files.write(file, bytes, StandardOpenOption.TRUNCATE_EXISTING);
    }
}
