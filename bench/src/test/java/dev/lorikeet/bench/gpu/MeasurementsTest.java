package dev.lorikeet.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lorikeet.tensor.BackendUnavailable;
import dev.lorikeet.tensor.Backends;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
    private static final Path PEER = Path.of("gpu/peer");
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
        List<Map<String, Object>> rows =
                rows(part, python, device.equals("cpu") ? List.of("f32") : List.of("f32", "bf16"));
        assertThat(rows).isNotEmpty().noneSatisfy(row -> assertThat(row).containsEntry("passed", false));
        return rows;
    }

    private static List<Map<String, Object>> rows(String part, String python, List<String> modes) throws Exception {
        PartSettings settings = new PartSettings(device, Size.TINY, modes, FIXTURES, PEER, python);
        StringWriter out = new StringWriter();
        Measurements.run(part, settings, new Rows(new PrintWriter(out, true)));
        return out.toString().lines().map(Rows::of).flatMap(Optional::stream).toList();
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
        assertThat(rows).filteredOn(row -> row.containsKey("ceiling"))
                .allSatisfy(row -> assertThat((Double) row.get("seconds")).isPositive());
        assertThat(rows.getLast().get("note").toString()).contains("no peer").contains("no-such-python");
    }

    @Test
    void ceilings_of_the_peer_stand_beside_ours() throws Exception {
        Path python = script("""
                [ "$1" = -c ] && exit 0
                echo 'peer {"context": 1048576}'
                echo 'peer {"ceiling": "copy", "bytes": 4e9, "seconds": 0.5}'
                echo 'peer {"ceiling": "product f32", "flops": 5e12, "seconds": 0.5}'
                """);
        List<Map<String, Object>> rows = rows("ceilings", python.toString());
        assertThat(rows).filteredOn(row -> "PyTorch".equals(row.get("who"))).hasSize(3)
                .anySatisfy(row -> assertThat(row).containsEntry("MiB", 1.0))
                .anySatisfy(row -> assertThat(row).containsEntry("GB/s", 8.0))
                .anySatisfy(row -> assertThat(row).containsEntry("TFLOP/s", 10.0));
    }

    @Test
    void other_kernels_are_measured_too() throws Exception {
        List<Map<String, Object>> rows = rows("kernels/others", "no-such-python", List.of("f32"));
        assertThat(rows).hasSizeGreaterThan(60).allSatisfy(row -> assertThat((Double) row.get("seconds")).isPositive());
    }

    @Test
    void without_a_gpu_there_is_no_cublas_to_race_with() throws Exception {
        assertThat(rows("low-rank", "no-such-python").getFirst().get("note").toString()).contains("no cuBLAS on");
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
        assertThat(rows.getFirst().get("note").toString()).contains("no peer", "no-such-python");
        assertThat(rows).filteredOn(row -> row.containsKey("tokens/s")).isNotEmpty().allSatisfy(row -> {
            assertThat((Double) row.get("tokens/s")).isPositive();
            assertThat((Double) row.get("predicted, MiB")).isPositive();
            assertThat((List<?>) row.get("losses")).hasSize(5);
        });
        if (!device.equals("cpu")) {
            Map<String, Object> graphs = of("lorikeet", rows);
            Map<String, Object> plain = of("lorikeet, no graphs", rows);
            assertThat((Double) graphs.get("in graphs")).isPositive();
            assertThat(plain).doesNotContainKey("in graphs").containsKey("times ours");
            for (int step = 0; step < 5; step++) {
                assertThat(losses(graphs).get(step)).isCloseTo(losses(plain).get(step), within(1e-4));
            }
        }
    }

    private static Map<String, Object> of(String who, List<Map<String, Object>> rows) {
        return rows.stream().filter(row -> who.equals(row.get("who")) && "f32".equals(row.get("mode")))
                .findFirst().orElseThrow();
    }

    private static List<Double> losses(Map<String, Object> row) {
        return ((List<?>) row.get("losses")).stream().map(Double.class::cast).toList();
    }

    /// Answers as `peer/step.py` does, with the losses of our steps, and fails in one mode.
    private Path peer(Object losses) throws IOException {
        return script("""
                [ "$1" = -c ] && exit 0
                ls "$4/model.safetensors" "$4/adapter/adapter_model.safetensors" "$4/setting.json" >/dev/null || exit 1
                grep -q '"trained":[1-9]' "$4/setting.json" || exit 1
                echo 'some noise'
                echo 'peer {"ready": true}'
                while read question mode base; do
                    case $question in
                        mode) if [ "$mode $base" = 'f32 f32' ]; then echo 'peer {"losses": LOSSES}'
                              else echo "peer {\\"failed\\": \\"no such mode: $mode $base\\"}"; fi ;;
                        run) echo 'peer {"seconds": 0.25}' ;;
                        memory) echo 'peer {"allocated": 1048576, "reserved": 2097152}' ;;
                    esac
                done
                """.replace("LOSSES", losses.toString()));
    }

    @Test
    void a_peer_takes_turns_and_one_that_fails_is_remarked_on_only() throws Exception {
        Object losses =
                of("lorikeet", rows("step/gpt2-8x512", "no-such-python", List.of("f32"))).get("losses");
        List<Map<String, Object>> rows = rows("step/gpt2-8x512", peer(losses).toString());
        Map<String, Object> eager = rows.stream()
                .filter(row -> "eager".equals(row.get("who")) && "f32".equals(row.get("mode")))
                .findFirst()
                .orElseThrow();
        assertThat(eager).containsEntry("ms/step", 250.0).containsEntry("peak, MiB", 2.0)
                .containsEntry("losses", losses).containsEntry("losses apart", 0.0).containsEntry("base", "f32");
        assertThat((Double) eager.get("times ours")).isPositive();
        if (!device.equals("cpu")) {
            for (String base : List.of("f32", "bf16")) {
                assertThat(rows).anySatisfy(row -> assertThat(row).containsEntry("who", "lorikeet")
                        .containsEntry("mode", "bf16").containsEntry("base", base).containsKey("tokens/s"));
                assertThat(rows).anySatisfy(row -> assertThat(row).containsEntry("mode", "bf16")
                        .containsEntry("note", "eager: no such mode: bf16 " + base));
            }
        }
    }

    @Test
    void a_peer_that_computes_something_else_is_no_peer() throws Exception {
        List<Map<String, Object>> rows =
                rows("step/gpt2-8x512", peer("[5, 5, 5, 5, 5]").toString(), List.of("f32"));
        assertThat(rows).filteredOn(row -> "eager".equals(row.get("who"))).first()
                .satisfies(row -> assertThat(row).containsEntry("passed", false)
                        .containsEntry("failure", "its losses are not ours: it does not compute the same"));
    }

    /// PyTorch, transformers and PEFT themselves, where they are.
    @Test
    void the_real_peer_computes_the_same() throws Exception {
        PartSettings settings = new PartSettings(device, Size.TINY, List.of("f32"), FIXTURES, PEER, "python3");
        String refusal = PyTorchProcess.refusal(settings).orElse("");
        assumeTrue(refusal.isEmpty(), refusal);
        for (String part : List.of("step/gpt2-e2e", "step/roberta-base-32x128")) {
            assertThat(rows(part, "python3", List.of("f32"))).filteredOn(row -> "eager".equals(row.get("who")))
                    .isNotEmpty()
                    .allSatisfy(row -> assertThat((Double) row.get("losses apart")).isBetween(0.0, 1e-5));
        }
    }

    /// In words, as an answer: a Python without its packages has none of theirs.
    @ParameterizedTest
    @ValueSource(strings = {"step.py eager nowhere cpu", "ceilings.py cpu f32 64 8 1 64"})
    void a_peer_without_pytorch_says_so(String command) throws Exception {
        List<String> whole = new ArrayList<>(List.of("python3", "-S", "-u"));
        whole.addAll(List.of(command.split(" ")));
        whole.set(3, PEER.resolve(whole.get(3)).toString());
        Process process;
        try {
            process = new ProcessBuilder(whole).redirectErrorStream(true).start();
        } catch (IOException e) {
            assumeTrue(false, "needs python3: " + e.getMessage());
            return;
        }
        String said = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(said).isEqualTo(1);
        assertThat(said.lines().filter(line -> line.startsWith("peer "))).singleElement().asString()
                .contains("\"failed\": \"ModuleNotFoundError: No module named 'torch'");
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
