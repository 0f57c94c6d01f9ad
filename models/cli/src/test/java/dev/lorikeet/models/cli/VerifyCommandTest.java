package dev.lorikeet.models.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// What `lorikeet verify` prints and how it ends.
final class VerifyCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path scratch;

    @Test
    void a_reproduced_case_ends_with_0_and_lists_every_tensor() throws URISyntaxException {
        assertThat(verify(norms())).isZero();
        assertThat(out.toString()).contains("layernorm.0/out.y", "66 checked, 0 failed, 0 not checked");
    }

    @Test
    void a_case_of_an_unknown_kind_ends_with_1() throws IOException {
        Files.writeString(scratch.resolve("manifest.json"), "{\"kind\": \"mamba\", \"tensors\": []}");

        assertThat(verify(scratch)).isEqualTo(1);
        assertThat(out.toString()).contains("NOT CHECKED", "NOT REPRODUCED");
    }

    @Test
    void bad_input_ends_with_2_and_says_why_and_other_cases_are_still_replayed() throws URISyntaxException {
        assertThat(verify(scratch.resolve("none"), norms())).isEqualTo(2);
        assertThat(err.toString()).contains("none: is not a directory");
        assertThat(out.toString()).contains("66 checked");
    }

    private int verify(Path... cases) {
        CommandLine command = new CommandLine(new VerifyCommand());
        String[] arguments = Stream.concat(
                Stream.of("--device", "scalar"), Stream.of(cases).map(Path::toString)).toArray(String[]::new);
        return command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(arguments);
    }

    private Path norms() throws URISyntaxException {
        return Path.of(getClass().getResource("/fixtures/ops-norm").toURI());
    }
}
