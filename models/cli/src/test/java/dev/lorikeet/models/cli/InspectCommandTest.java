package dev.lorikeet.models.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `lorikeet inspect` shows of the inside of a model.
final class InspectCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path scratch;

    private int inspect(String... arguments) {
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }

    @Test
    void each_token_attends_to_those_before_it_and_its_shares_are_one() throws IOException {
        assertThat(inspect("inspect", "--attention", "a pub", "--layer", "1", "--head", "0", "--json")).isZero();
        JsonNode json = new ObjectMapper().readTree(out.toString());
        assertThat(json.get("tokens")).hasSize(5);
        JsonNode rows = json.get("layers").get(0).get("attention");
        for (int t = 0; t < 5; t++) {
            double sum = 0;
            for (int s = 0; s < 5; s++) {
                double share = rows.get(t).get(s).asDouble();
                assertThat(share).isBetween(0.0, 1.0);
                assertThat(s > t && share > 0).as(t + " sees " + s).isFalse();
                sum += share;
            }
            assertThat(sum).isCloseTo(1, within(1e-5));
        }
    }

    @Test
    void the_table_has_a_row_for_each_token_of_each_layer() {
        assertThat(inspect("inspect", "--attention", "a pub")).isZero();
        assertThat(out.toString().lines().filter(line -> line.startsWith("layer "))).hasSize(4);
        assertThat(out.toString()).contains("layer 0, mean of 4 heads", "   0 a            ", " 100   .   .   .   .");
    }

    @Test
    void a_graph_is_an_svg_with_frozen_and_trained_weights() throws IOException {
        Path svg = scratch.resolve("step.svg");
        assertThat(inspect("inspect", "--rank", "2", "--targets", "c_attn", "--graph", svg.toString())).isZero();
        assertThat(Files.readString(svg)).startsWith("<svg").contains("LowRankDelta", "c_attn.lora_A", "wte");
    }

    @Test
    void what_cannot_be_shown_is_one_line_and_exit_code_2() {
        assertThat(inspect("inspect", "--layer", "1")).isEqualTo(2);
        assertThat(inspect("inspect", "--attention", "a pub", "--layer", "4")).isEqualTo(2);
        assertThat(inspect("inspect", "--attention", "a pub", "--head", "-1")).isEqualTo(2);
        assertThat(inspect("inspect", "--attention", "")).isEqualTo(2);
        assertThat(err.toString()).contains("need --attention TEXT", "--layer must be 0 to 3, was 4",
                "--head must be 0 to 3, was -1", "the text has 0 tokens: expected 2 to 512");
    }
}
