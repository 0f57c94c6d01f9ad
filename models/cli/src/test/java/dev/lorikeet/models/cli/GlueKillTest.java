package dev.lorikeet.models.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.models.train.TrainingRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Fine-tuning for GLUE in a process of its own that is killed (SIGKILL) in the middle of training.
class GlueKillTest {
    private static final int STEPS = 40;
    private static final int SAVE_EVERY = 7;

    @TempDir
    private static Path shared;

    private static GlueToy toy;

    @TempDir
    private Path directory;

    @BeforeAll
    static void pretrain_a_tiny_model_and_write_sentences() throws IOException {
        toy = GlueToy.in(shared);
    }

    /// Adapter and head are the kept ones of the best step; the state has every weight and moment after the last one.
    @ParameterizedTest
    @ValueSource(strings = {"--targets query,value", "--targets query,value --lora-plus-ratio 16 --lora-dropout 0.1",
        "--targets all-linear --dora", "--head-only --group-by-length"})
    @Timeout(600)
    void a_killed_run_goes_on_to_the_same_bytes(String variant) throws Exception {
        Path whole = directory.resolve("whole");
        Path killed = directory.resolve("killed");
        inThisProcess(whole, variant, false);

        killAfter(2 * SAVE_EVERY + 2, killed, variant);
        assertThat(rows(killed)).as("steps before the kill").hasSizeBetween(2 * SAVE_EVERY + 2, STEPS - 1);
        assertThat(killed.resolve(TrainingRun.STATE_FILE)).exists();
        inThisProcess(killed, variant, true);

        String result = variant.contains("--head-only") ? "model" : "adapter";
        assertThat(files(killed.resolve(result))).isNotEmpty().isEqualTo(files(whole.resolve(result)));
        for (String file : files(whole.resolve(result))) {
            assertThat(killed.resolve(result).resolve(file)).hasSameBinaryContentAs(
                    whole.resolve(result).resolve(file));
        }
        assertThat(killed.resolve(TrainingRun.STATE_FILE))
                .hasSameBinaryContentAs(whole.resolve(TrainingRun.STATE_FILE));
        assertThat(rows(killed)).hasSize(STEPS).isEqualTo(rows(whole));
        assertThat(events(killed)).isEqualTo(events(whole)).filteredOn(event -> event.contains("evaluation"))
                .hasSize(STEPS / 4);
    }

    @Test
    @Timeout(600)
    void a_run_killed_before_its_first_checkpoint_starts_anew() throws Exception {
        Path killed = directory.resolve("killed");
        killAfter(2, killed, "--targets query,value");
        Files.deleteIfExists(killed.resolve(TrainingRun.STATE_FILE));     // it may have gone on to the first checkpoint

        inThisProcess(killed, "--targets query,value", true);

        assertThat(rows(killed)).hasSize(STEPS);
    }

    private static List<String> arguments(Path out, String variant) {
        List<String> arguments = new ArrayList<>(List.of(
                "train", "--base", toy.base().toString(), "--task", "sst-2", "--data", toy.data().toString(), "--out",
                out.toString(), "--steps", "" + STEPS, "--save-every", "" + SAVE_EVERY, "--eval-every", "4",
                "--batch", "8", "--lr", "5e-3", "--seed", "3", "--device", "cpu:1"));
        arguments.addAll(List.of(variant.split(" ")));
        return arguments;
    }

    private static void inThisProcess(Path out, String variant, boolean resume) {
        List<String> arguments = arguments(out, variant);
        if (resume) {
            arguments.add("--resume");
        }
        StringWriter said = new StringWriter();
        int code = Main.run(new PrintWriter(said), new PrintWriter(said), arguments.toArray(String[]::new));
        assertThat(code).as(said.toString()).isZero();
    }

    /// Starts a process, waits until it has logged so many steps, and kills it. A JVM that has just started is slow
    /// enough to be caught in the middle.
    private static void killAfter(int steps, Path out, String variant) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-Xmx512m",
                "-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(arguments(out, variant));
        Path said = out.resolveSibling("said.txt");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
        try {
            while (process.isAlive() && rows(out).size() < steps) {
                Thread.sleep(1);
            }
            assertThat(process.isAlive()).as(Files.readString(said)).isTrue();
        } finally {
            process.destroyForcibly();
            process.waitFor(60, TimeUnit.SECONDS);
        }
    }

    /// The steps' rows without their durations.
    private static List<String> rows(Path run) throws IOException {
        Path csv = run.resolve("metrics.csv");
        return !Files.exists(csv) ? List.of() : Files.readAllLines(csv).stream().skip(1)
                .filter(line -> line.contains(",")).map(line -> line.substring(0, line.lastIndexOf(','))).toList();
    }

    private static List<String> events(Path run) throws IOException {
        return Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                .map(line -> line.replaceFirst(",\"seconds\":[0-9.]+", "")).toList();
    }

    private static List<String> files(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
