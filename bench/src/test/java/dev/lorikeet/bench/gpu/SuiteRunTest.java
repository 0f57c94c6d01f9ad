package dev.lorikeet.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.bench.gpu.Outcome.Status;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SuiteRunTest {
    private static final PartSettings SETTINGS = new PartSettings(
            "cuda:0", Size.QUICK, List.of("f32", "tf32", "bf16"), Path.of("fixtures"), Path.of("peer"), "python3");

    @TempDir
    private Path folder;

    private final StringWriter said = new StringWriter();

    private static Part part(String name, String script) {
        return new Part(name, "about " + name, List.of("sh", "-c", script), 60);
    }

    @Test
    void a_part_that_fails_stops_nothing_and_everything_is_written() throws IOException {
        List<Outcome> outcomes = new SuiteRun(folder, new PrintWriter(said, true), 100).run(List.of(
                part("device", """
                        echo 'row {"fact": "name", "value": "NVIDIA X1"}'
                        echo 'row {"fact": "driver", "value": "580.1"}'"""),
                part("ceilings", """
                        echo 'row {"ceiling": "copy", "who": "lorikeet", "GB/s": 3900.0}'
                        echo 'row {"ceiling": "copy", "who": "PyTorch", "GB/s": 4000.0}'
                        echo 'row {"ceiling": "product f32", "who": "lorikeet", "TFLOP/s": 50.0}'"""),
                part("broken", "exit 1"),
                part("step/gpt2", """
                        tell() { printf 'row {"workload": "gpt2", "mode": "f32", "base": "f32", %s}\\n' "$1"; }
                        tell '"who": "lorikeet", "tokens/s": 50000.0, "peak, MiB": 2048.0'
                        tell '"who": "eager", "tokens/s": 25000.0, "times ours": 2.0, "peak, MiB": 8192.0'
                        tell '"who": "compiled", "tokens/s": 50000.0, "times ours": 1.0, "peak, MiB": 3000.0'"""),
                part("kernels", """
                        echo 'row {"kernel": "gelu", "mode": "f32", "seconds": 1e-5, "bytes": 2e7, "flops": 0.0}'
                        echo 'row {"kernel": "head", "mode": "f32", "seconds": 1e-3, "bytes": 2e7, "flops": 4e10}'""")),
                "run-gpu-suite --quick");

        assertThat(outcomes).extracting(Outcome::status).containsExactly(
                Status.PASSED, Status.PASSED, Status.FAILED, Status.PASSED, Status.PASSED);
        assertThat(said.toString()).contains("broken").contains("exit code 1");
        String page = Files.readString(folder.resolve("report.md"));
        assertThat(page).contains("NVIDIA X1", "run-gpu-suite --quick", "## broken",
                "copy          lorikeet 3900 GB/s, PyTorch 4000 GB/s", "product f32   lorikeet 50.0 TFLOP/s",
                "50,000 tokens/s    2,048 MiB", "2.00 x our time",
                "50% of memory", "80% of arithmetic", "| gelu | f32 | 1.00e-05 |");
        JsonNode results = new ObjectMapper().readTree(folder.resolve("results.json").toFile());
        assertThat(results.get("parts")).hasSize(5);
        assertThat(results.get("driver").asText()).isEqualTo("580.1");
        assertThat(results.get("math modes")).hasToString("[\"f32\"]");
        assertThat(results.at("/parts/3/rows/1/times ours").asDouble()).isEqualTo(2);
        assertThat(results.get("date").asText()).matches("\\d{4}-\\d\\d-\\d\\d");
        assertThat(folder.resolve("log.txt")).content().contains("=== broken");
    }

    @Test
    void targets_come_last_and_say_what_is_met() throws IOException {
        a_part_that_fails_stops_nothing_and_everything_is_written();
        List<String> table = Files.readString(folder.resolve("report.md")).lines()
                .dropWhile(line -> !line.equals("targets:")).takeWhile(line -> !line.equals("```")).toList();
        assertThat(table).hasSize(3);
        assertThat(table.get(1)).contains("eager", "2.00 x our time (>= 1.5: met)", "0.25 of its memory (<= 0.5: met)");
        assertThat(table.get(2)).contains("1.00 x our time (>= 1.1: missed)", "0.68 of its memory (<= 0.5: missed)");
        JsonNode targets = new ObjectMapper().readTree(folder.resolve("results.json").toFile()).get("targets");
        assertThat(targets).hasSize(2);
        assertThat(targets.at("/0/fast enough").asBoolean()).isTrue();
        assertThat(targets.at("/1/small enough").asBoolean()).isFalse();
    }

    @Test
    void without_time_left_a_part_is_skipped_and_says_so() throws IOException {
        List<Outcome> outcomes = new SuiteRun(folder, new PrintWriter(said, true), 7).run(
                List.of(part("slow", "echo 'row {\"a\": 1}'; sleep 60"), part("late", "exit 0")), "");
        assertThat(outcomes).extracting(Outcome::status).containsExactly(Status.TIMED_OUT, Status.SKIPPED);
        assertThat(outcomes.getFirst().rows()).hasSize(1);
        assertThat(Files.readString(folder.resolve("report.md"))).contains("no time was left");
    }

    @Test
    void parts_are_chosen_by_pattern_in_the_order_of_the_plan() {
        Plan plan = new Plan(SETTINGS);
        assertThat(plan.names()).startsWith("device", "ceilings").doesNotHaveDuplicates()
                .contains("kernels/others", "sanitizer/racecheck-bf16");
        assertThat(plan.matching(List.of())).hasSameSizeAs(plan.names());
        assertThat(plan.matching(List.of("contract", "device"))).extracting(Part::name)
                .containsExactly("device", "contract/f32", "contract/tf32", "contract/bf16");
        assertThat(plan.matching(List.of("step/*e2e"))).extracting(Part::name)
                .containsExactly("device", "step/gpt2-e2e", "step/gpt2-medium-e2e");
        assertThatThrownBy(() -> plan.matching(List.of("dance"))).hasMessageContaining("no part is called 'dance'")
                .hasMessageContaining("golden");
    }
}
