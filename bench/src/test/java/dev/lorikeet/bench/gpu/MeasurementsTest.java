package dev.lorikeet.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.BackendUnavailable;
import dev.lorikeet.tensor.Backends;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Every part that is measured in this module, in tiny sizes, on the kernels of a GPU compiled for the host; on the
/// processor where they cannot be compiled.
class MeasurementsTest {
    private static final Path FIXTURES = Path.of("../models/src/test/resources/fixtures");
    private static String device;

    @TempDir
    private Path folder;

    @BeforeAll
    static void choose() {
        try {
            Backends.open("cuda-on-host").close();
            device = "cuda-on-host";
        } catch (BackendUnavailable e) {
            device = "cpu";
        }
    }

    private static List<Map<String, Object>> rows(String part, String python) throws Exception {
        List<String> modes = device.equals("cpu") ? List.of("f32") : List.of("f32", "bf16");
        PartSettings settings = new PartSettings(device, Size.TINY, modes, FIXTURES, Path.of("gpu/peer"), python);
        StringWriter out = new StringWriter();
        Measurements.run(part, settings, new Rows(new PrintWriter(out, true)));
        List<Map<String, Object>> rows = out.toString().lines().map(Rows::of).flatMap(Optional::stream).toList();
        assertThat(rows).as(out.toString()).isNotEmpty()
                .noneSatisfy(row -> assertThat(row).containsEntry("passed", false));
        return rows;
    }

    @ParameterizedTest
    @ValueSource(strings = {"device", "golden", "random"})
    void a_part_tells_rows_and_none_that_failed(String part) throws Exception {
        rows(part, "no-such-python");
    }

    @Test
    void ceilings_are_of_bytes_and_of_products_in_each_mode() throws Exception {
        List<Map<String, Object>> rows = rows("ceilings", "no-such-python");
        assertThat(rows).extracting(row -> row.get("ceiling")).contains("copy", "product f32");
        assertThat(rows).allSatisfy(row -> assertThat((Double) row.get("seconds")).isPositive());
    }

    @Test
    void kernels_tell_what_they_move_and_how_long_it_took() throws Exception {
        List<Map<String, Object>> rows = rows("kernels/gpt2", "no-such-python");
        assertThat(rows).extracting(row -> row.get("kernel").toString()).anyMatch(name -> name.startsWith("attention"))
                .anyMatch(name -> name.startsWith("shrink")).anyMatch(name -> name.startsWith("adamw"));
        assertThat(rows).allSatisfy(row -> {
            assertThat((Double) row.get("bytes")).isPositive();
            assertThat((Double) row.get("seconds")).isPositive();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"step/gpt2-8x512", "step/gpt2-e2e", "step/roberta-base-32x128"})
    void steps_are_measured_without_a_peer_and_say_why(String part) throws Exception {
        List<Map<String, Object>> rows = rows(part, "no-such-python");
        assertThat(rows.getFirst().get("note").toString()).contains("no-such-python does not import torch");
        assertThat(rows).filteredOn(row -> row.containsKey("tokens/s")).isNotEmpty().allSatisfy(row -> {
            assertThat((Double) row.get("tokens/s")).isPositive();
            assertThat((Double) row.get("predicted, MiB")).isPositive();
            assertThat((List<?>) row.get("losses")).hasSize(5);
        });
    }

    /// Answers as `peer/step.py` does, and fails in one mode.
    @Test
    void a_peer_takes_turns_and_one_that_fails_is_remarked_on_only() throws Exception {
        Path python = script("""
                [ "$1" = -c ] && exit 0
                ls "$4/model.safetensors" "$4/adapter/adapter_model.safetensors" "$4/setting.json" >/dev/null || exit 1
                echo 'some noise'
                echo 'peer {"ready": true}'
                while read question argument; do
                    case $question in
                        mode) if [ "$argument" = bf16 ]; then echo 'peer {"failed": "no such mode"}'
                              else echo 'peer {"losses": [1.5, 1.25, 1, 0.5, 0.25]}'; fi ;;
                        run) echo 'peer {"seconds": 0.25}' ;;
                        memory) echo 'peer {"allocated": 1048576, "reserved": 2097152}' ;;
                    esac
                done
                """);
        List<Map<String, Object>> rows = rows("step/gpt2-8x512", python.toString());
        Map<String, Object> eager = rows.stream()
                .filter(row -> "eager".equals(row.get("who")) && "f32".equals(row.get("mode")))
                .findFirst()
                .orElseThrow();
        assertThat(eager).containsEntry("ms/step", 250.0).containsEntry("peak, MiB", 2.0)
                .containsEntry("losses", List.of(1.5, 1.25, 1.0, 0.5, 0.25));
        assertThat((Double) eager.get("times ours")).isPositive();
        if (!device.equals("cpu")) {
            assertThat(rows).anySatisfy(row -> assertThat(row).containsEntry("mode", "bf16")
                    .containsEntry("note", "eager: no such mode"));
        }
    }

    @Test
    void a_peer_that_dies_is_remarked_on_only() throws Exception {
        Path python = script("[ \"$1\" = -c ] && exit 0; exit 3\n");
        assertThat(rows("step/gpt2-8x512", python.toString()))
                .anySatisfy(row -> assertThat(row).containsEntry("note", "eager has ended"))
                .anySatisfy(row -> assertThat(row).containsEntry("who", "lorikeet").containsKey("tokens/s"));
    }

    private Path script(String text) throws IOException {
        Path script = Files.writeString(folder.resolve("python"), "#!/bin/sh\n" + text);
        script.toFile().setExecutable(true);
        return script;
    }

    @Test
    void a_part_that_does_not_exist_is_refused() {
        assertThatThrownBy(() -> rows("dance", "python3")).hasMessageContaining("no part is called 'dance'");
    }

    @Test
    void the_lengths_are_those_of_the_data() {
        assertThat(E2eLengths.batches(301)).hasSize(64).allSatisfy(batch -> {
            assertThat(batch.sequences().count()).isEqualTo(8);
            assertThat(batch.labelled()).isBetween(8, batch.tokens() - 8);
        });
    }
}
