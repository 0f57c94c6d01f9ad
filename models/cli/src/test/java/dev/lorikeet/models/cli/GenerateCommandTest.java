package dev.lorikeet.models.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.models.Fixtures;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What `lorikeet generate` prints and how it ends, with the embedded base.
final class GenerateCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int generate(String... arguments) {
        List<String> all = new ArrayList<>(List.of("generate", "--device", "cpu"));
        all.addAll(List.of(arguments));
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), all.toArray(String[]::new));
    }

    @Test
    void one_beam_is_the_likeliest_token_each_time() {
        assertThat(generate("--max-tokens", "12", "It was a dark")).isZero();
        String greedy = out.toString();
        out.getBuffer().setLength(0);
        assertThat(generate("--max-tokens", "12", "--beams", "1", "It was a dark")).isZero();
        assertThat(out.toString()).isEqualTo(greedy);
        out.getBuffer().setLength(0);
        assertThat(generate("--max-tokens", "12", "--beams", "1", "--paper-beams", "It was a dark")).isZero();
        assertThat(out.toString()).isEqualTo(greedy);
    }

    @Test
    void no_ngram_of_a_beam_appears_twice() {
        assertThat(generate("--max-tokens", "40", "--beams", "3", "--no-repeat-ngram", "3", "the")).isZero();
        String text = out.toString().strip();
        for (int i = 0; i + 3 <= text.length(); i++) {
            String ngram = text.substring(i, i + 3);
            assertThat(text.indexOf(ngram, i + 1)).as("again: " + ngram).isNegative();
        }
    }

    @Test
    void a_long_prompt_shortens_no_other() {
        String filler = "x".repeat(505);
        assertThat(generate("--max-tokens", "12", "It was a dark")).isZero();
        String alone = out.toString();
        out.getBuffer().setLength(0);
        assertThat(generate("--max-tokens", "12", "It was a dark", filler)).isZero();
        assertThat(out.toString()).startsWith(alone);
        assertThat(out.toString().substring(alone.length()).strip()).startsWith(filler).hasSizeLessThanOrEqualTo(512);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--length-penalty 0.9            | need --beams N",
        "--paper-beams                   | need --beams N",
        "--beams 0                       | --beams must be at least 1, was 0",
        "--beams 3 --temperature 0.8     | leave out --temperature, which draws one",
        "--beams 3 --no-repeat-ngram -1  | --no-repeat-ngram must be at least 0, was -1",
        "--beams 300 --max-tokens 2      | 300 beams, but only 257 tokens",
    })
    void beams_that_make_no_sense_are_one_line_and_exit_code_2(String options, String reason) {
        List<String> arguments = new ArrayList<>(List.of(options.split(" +")));
        arguments.add("text");
        assertThat(generate(arguments.toArray(String[]::new))).isEqualTo(2);
        assertThat(err.toString()).contains(reason);
    }

    @Test
    void a_model_without_a_next_token_says_so() {
        assertThat(generate("--base", Fixtures.of("roberta-tiny-mlm").toString(), "text")).isEqualTo(2);
        assertThat(err.toString()).contains("does not predict the next token");
    }
}
