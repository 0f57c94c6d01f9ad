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
                part("device", "echo 'row {\"fact\": \"name\", \"value\": \"NVIDIA X1\"}'"),
                part("ceilings", """
                        echo 'row {"ceiling": "copy", "GB/s": 4000.0}'
                        echo 'row {"ceiling": "product f32", "TFLOP/s": 50.0}'"""),
                part("broken", "exit 1"),
                part("step/gpt2", """
                        echo 'row {"workload": "gpt2", "mode": "f32", "who": "lorikeet", "tokens/s": 50000.0,
                        "peak, MiB": 2048.0}' | tr -d '\\n'; echo
                        echo 'row {"workload": "gpt2", "mode": "f32", "who": "eager", "tokens/s": 25000.0,
                        "times ours": 2.0}' | tr -d '\\n'; echo"""),
                part("kernels", """
                        echo 'row {"kernel": "gelu", "mode": "f32", "seconds": 1e-5, "bytes": 2e7, "flops": 0.0}'
                        echo 'row {"kernel": "head", "mode": "f32", "seconds": 1e-3, "bytes": 2e7, "flops": 4e10}'""")),
                "run-gpu-suite --quick");

        assertThat(outcomes).extracting(Outcome::status).containsExactly(
                Status.PASSED, Status.PASSED, Status.FAILED, Status.PASSED, Status.PASSED);
        assertThat(said.toString()).contains("broken").contains("exit code 1");
        String page = Files.readString(folder.resolve("report.md"));
        assertThat(page).contains("NVIDIA X1", "run-gpu-suite --quick", "## broken", "copy 4000 GB/s",
                "product f32 50.0 TFLOP/s", "50,000 tokens/s    2,048 MiB", "2.00 x our time",
                "50% of memory", "80% of arithmetic", "| gelu | f32 | 1.00e-05 |");
        JsonNode results = new ObjectMapper().readTree(folder.resolve("results.json").toFile());
        assertThat(results.get("parts")).hasSize(5);
        assertThat(results.at("/parts/3/rows/1/times ours").asDouble()).isEqualTo(2);
        assertThat(results.get("date").asText()).matches("\\d{4}-\\d\\d-\\d\\d");
        assertThat(folder.resolve("log.txt")).content().contains("=== broken");
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
        assertThat(plan.names()).startsWith("device", "ceilings").endsWith("sanitizer").doesNotHaveDuplicates();
        assertThat(plan.matching(List.of())).hasSameSizeAs(plan.names());
        assertThat(plan.matching(List.of("contract", "device"))).extracting(Part::name)
                .containsExactly("device", "contract/f32", "contract/tf32", "contract/bf16");
        assertThat(plan.matching(List.of("step/*e2e"))).extracting(Part::name)
                .containsExactly("step/gpt2-e2e", "step/gpt2-medium-e2e");
        assertThatThrownBy(() -> plan.matching(List.of("dance"))).hasMessageContaining("no part is called 'dance'")
                .hasMessageContaining("golden");
    }
}
