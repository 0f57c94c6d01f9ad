package dev.lorikeet.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.bench.gpu.Outcome.Status;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PartRunTest {
    private final StringWriter log = new StringWriter();

    private Outcome run(String script, double seconds) {
        Part part = new Part("part", "something", List.of("sh", "-c", script), 60);
        return new PartRun(new PrintWriter(log, true)).run(part, seconds);
    }

    @Test
    void rows_are_read_and_everything_else_is_logged() {
        Outcome outcome = run("echo hello; echo 'row {\"a\": 1, \"b\": \"x\"}'; echo 'row {\"cut' ; echo bye >&2", 20);
        assertThat(outcome.status()).isEqualTo(Status.PASSED);
        assertThat(outcome.rows()).containsExactly(Map.of("a", 1, "b", "x"));
        assertThat(log.toString()).contains("=== part", "hello", "bye");
    }

    @Test
    void a_row_that_did_not_pass_fails_the_part() {
        Outcome outcome = run("echo 'row {\"passed\": true}'; echo 'row {\"case\": \"c\", \"passed\": false}'", 20);
        assertThat(outcome.status()).isEqualTo(Status.FAILED);
        assertThat(outcome.message()).contains("1 of 2 failed").contains("case=c");
    }

    @Test
    void an_exit_code_fails_the_part_with_its_last_words_and_keeps_its_rows() {
        Outcome outcome = run("echo 'row {\"a\": 1}'; echo 'out of luck'; exit 3", 20);
        assertThat(outcome.status()).isEqualTo(Status.FAILED);
        assertThat(outcome.message()).isEqualTo("exit code 3: out of luck");
        assertThat(outcome.rows()).hasSize(1);
    }

    @Test
    void a_part_that_hangs_is_stopped_with_what_it_has_started_and_keeps_its_rows() throws Exception {
        long start = System.nanoTime();
        Outcome outcome = run("echo 'row {\"a\": 1}'; sleep 600 & echo \"child $!\"; wait", 4);
        assertThat((System.nanoTime() - start) / 1e9).isLessThan(100);
        assertThat(outcome.status()).isEqualTo(Status.TIMED_OUT);
        assertThat(outcome.rows()).hasSize(1);
        long child = log.toString().lines().filter(line -> line.startsWith("child "))
                .mapToLong(line -> Long.parseLong(line.substring(6))).findFirst().orElseThrow();
        for (int i = 0; i < 100 && runs(child); i++) {
            Thread.sleep(100);
        }
        assertThat(runs(child)).isFalse();
    }

    /// Not if it is dead and only waits for its parent to notice.
    private static boolean runs(long process) throws IOException {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(process), "stat"));
            return !stat.substring(stat.lastIndexOf(')') + 2).startsWith("Z");
        } catch (NoSuchFileException gone) {
            return false;
        }
    }

    @Test
    void a_tool_that_cannot_work_here_is_no_failure() {
        Part part = new Part("part", "something", List.of("sh", "-c", "echo 'Error: Device not supported.'; exit 7"),
                60, List.of("Device not supported"));
        Outcome outcome = new PartRun(new PrintWriter(log, true)).run(part, 20);
        assertThat(outcome.status()).isEqualTo(Status.SKIPPED);
        assertThat(outcome.message()).isEqualTo("Error: Device not supported.");
    }

    @Test
    void a_program_that_is_not_there_is_no_failure() {
        Part part = new Part("part", "something", List.of("no-such-program-anywhere"), 60);
        Outcome outcome = new PartRun(new PrintWriter(log, true)).run(part, 20);
        assertThat(outcome.status()).isEqualTo(Status.SKIPPED);
        assertThat(outcome.message()).contains("no-such-program-anywhere");
    }
}
