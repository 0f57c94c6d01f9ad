package dev.lorikeet.models.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `lorikeet score` prints and how it ends.
final class ScoreCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path scratch;

    @BeforeEach
    void files() throws IOException {
        Files.writeString(scratch.resolve("grouped"), "The cat sat.\nA cat was sitting.\n\nA dog ran away.\n");
        Files.writeString(scratch.resolve("ref0"), "the cat sat .\na dog ran away .\n");
        Files.writeString(scratch.resolve("ref1"), "a cat was sitting .\n\n");
        Files.writeString(scratch.resolve("hyps"), "The cat sat.\nA dog ran away.\n");
    }

    private int score(String... arguments) {
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }

    private String file(String name) {
        return scratch.resolve(name).toString();
    }

    @Test
    void the_e2e_challenge_has_five_figures() throws IOException {
        assertThat(score("score", "--task", "e2e", "--refs", file("grouped"), "--hyps", file("hyps"), "--json"))
                .isZero();
        JsonNode scores = new ObjectMapper().readTree(out.toString()).get("scores");
        assertThat(scores.fieldNames()).toIterable().containsExactly("BLEU", "NIST", "METEOR", "ROUGE_L", "CIDEr");
        assertThat(scores.get("BLEU").asDouble()).isEqualTo(1);
        assertThat(scores.get("ROUGE_L").asDouble()).isEqualTo(1);
    }

    @Test
    void files_of_several_references_pair_up_by_line() {
        String references = file("ref0") + "," + file("ref1");
        assertThat(score("score", "--task", "webnlg", "--refs", references, "--hyps", file("ref0"))).isZero();
        assertThat(out.toString()).contains("BLEU", "100.000000", "hyp_len=9 ref_len=9", "stages: exact, stem", "TER");
    }

    @Test
    void scores_of_each_segment_go_to_a_file() throws IOException {
        assertThat(score("score", "--task", "text", "--refs", file("ref0"), "--hyps", file("ref0"), "--metrics",
                "rouge-l,rouge-2", "--segments", file("segments.tsv"))).isZero();
        assertThat(Files.readString(scratch.resolve("segments.tsv")))
                .isEqualTo("line\tROUGE-L\tROUGE-2\n1\t1.000000\t1.000000\n2\t1.000000\t1.000000\n");
    }

    @Test
    void empty_hypotheses_are_scored_and_said() throws IOException {
        Files.writeString(scratch.resolve("half"), "The cat sat.\n\n");
        assertThat(score("score", "--task", "text", "--refs", file("ref0"), "--hyps", file("half"))).isZero();
        assertThat(err.toString()).contains("1 of 2 lines are empty");
    }

    @Test
    void what_does_not_pair_up_ends_with_2_and_one_sentence() throws IOException {
        Files.writeString(scratch.resolve("three"), "a\nb\nc\n");
        Files.writeString(scratch.resolve("blank"), "\n\n");
        assertThat(score("score", "--task", "e2e", "--refs", file("grouped"), "--hyps", file("three"))).isEqualTo(2);
        assertThat(err.toString())
                .contains("grouped: expected 3 groups of references, one for each line of", "found 2");
        assertThat(score("score", "--task", "dart", "--refs", file("ref0"), "--hyps", file("three"))).isEqualTo(2);
        assertThat(score("score", "--task", "text", "--refs", file("ref0"), "--hyps", file("blank"))).isEqualTo(2);
        assertThat(score("score", "--task", "text", "--refs", file("none"), "--hyps", file("hyps"))).isEqualTo(2);
        assertThat(score("score", "--task", "e2e", "--refs", file("ref0"), "--hyps", file("hyps"), "--metrics", "ter"))
                .isEqualTo(2);
        assertThat(score("score", "--task", "xsum", "--refs", file("ref0"), "--hyps", file("hyps"))).isEqualTo(2);
        assertThat(score("score", "--task", "e2e", "--refs", file("grouped"), "--hyps", file("hyps"), "--meteor-data",
                scratch.resolve("ref0").getParent().toString())).isEqualTo(2);
        assertThat(err.toString()).contains(
                "e2e is judged by bleu, nist, meteor, rouge-l, cider, not by 'ter'",
                "expected one of e2e, webnlg, dart, text");
    }
}
