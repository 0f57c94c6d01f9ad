package dev.lorikeet.models.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.io.AdapterFiles;
import dev.lorikeet.lora.io.LoralibOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The program in README's section "As a library", as it stands there: compiled and run by a JVM of its own.
class ReadmeProgramTest {
    private static final Pattern PROGRAM =
            Pattern.compile("## As a library\n.*?```java\n(.*?)```\n", Pattern.DOTALL);
    private static final Pattern LOSS = Pattern.compile("(before|after) +held-out loss (\\d+\\.\\d+) nats per token");
    private static final int MOST_LINES = 25;

    @TempDir
    private Path directory;

    @Test
    @Timeout(300)
    void the_program_lowers_the_loss_and_writes_an_adapter() throws IOException, InterruptedException {
        Matcher readme = PROGRAM.matcher(Files.readString(Path.of("..", "README.md")));
        assertThat(readme.find()).isTrue();
        assertThat(readme.group(1).lines().count()).isLessThanOrEqualTo(MOST_LINES);
        Path program = Files.writeString(directory.resolve("Tune.java"), readme.group(1));

        List<String> said = run(program, directory.resolve("run"));

        assertThat(said).hasSize(3);
        assertThat(loss(said.get(1), "after")).isLessThan(0.7 * loss(said.get(0), "before"));
        assertThat(said.get(2)).isEqualTo("adapter  " + directory.resolve("run").resolve("adapter"));
        StoredAdapter adapter = AdapterFiles.open(
                directory.resolve("run/adapter"), new LoralibOptions(null, null, List.of()));
        assertThat(adapter.config().rank()).isEqualTo(2);
        assertThat(adapter.about().taskType()).isEqualTo("CAUSAL_LM");
        assertThat(adapter.deltas()).isNotEmpty();
    }

    private static double loss(String line, String when) {
        Matcher loss = LOSS.matcher(line);
        assertThat(loss.find()).as(line).isTrue();
        assertThat(loss.group(1)).isEqualTo(when);
        return Double.parseDouble(loss.group(2));
    }

    /// The lines that it prints.
    private List<String> run(Path program, Path out) throws IOException, InterruptedException {
        Path said = directory.resolve("said.txt");
        Path errors = directory.resolve("errors.txt");
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-Xmx512m",
                "-cp", System.getProperty("java.class.path"), program.toString(), out.toString())
                .redirectOutput(said.toFile()).redirectError(errors.toFile()).start();
        try {
            assertThat(process.waitFor(240, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(errors)).isZero();
        } finally {
            process.destroyForcibly();
        }
        return Files.readAllLines(said);
    }
}
