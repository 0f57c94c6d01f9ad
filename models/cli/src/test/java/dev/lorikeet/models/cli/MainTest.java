package dev.lorikeet.models.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

final class MainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    }

    @Test
    void version_names_the_build_and_the_java_that_runs_it() {
        assertThat(run("--version")).isZero();
        assertThat(out.toString()).startsWith("lorikeet ").contains("Java " + Runtime.version());
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void an_unknown_command_is_refused_with_exit_code_2_and_named() {
        assertThat(run("fly")).isEqualTo(2);
        assertThat(err.toString()).contains("'fly'");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void no_command_at_all_shows_the_usage_with_exit_code_2() {
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString()).contains("Which command?").contains("Usage: lorikeet");
    }
}
