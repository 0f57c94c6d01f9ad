package dev.lorikeet.models.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.models.SharedData;
import dev.lorikeet.models.text.BytePairTokenizer;
import dev.lorikeet.models.text.BytePairTraining;
import dev.lorikeet.models.text.BytePairVocabulary;
import dev.lorikeet.models.text.ByteTokenizer;
import dev.lorikeet.models.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SentenceLayoutTest {
    private static final int BEGIN = 0;
    private static final int END = 2;

    @TempDir
    private Path directory;

    /// Special tokens 0 to 4, then bytes; the text has nothing to merge.
    private Tokenizer bytes() {
        var training = new BytePairTraining();
        training.add("abc");
        training.learn(300, BytePairVocabulary.ROBERTA).write(directory);
        return BytePairTokenizer.open(directory);
    }

    @Test
    void one_sentence_stands_between_begin_and_end() {
        Tokenizer tokenizer = bytes();
        int a = tokenizer.encode("a")[0];
        var layout = new SentenceLayout(tokenizer, 8);
        assertThat(layout.ids("aaa", null)).containsExactly(BEGIN, a, a, a, END);
        assertThat(layout.ids("", null)).containsExactly(BEGIN, END);
        assertThat(layout.ids("aaaaaaa", null)).containsExactly(BEGIN, a, a, a, a, a, a, END);
        assertThat(layout.cuts("aaaaaa", null)).isFalse();
        assertThat(layout.cuts("aaaaaaa", null)).isTrue();
    }

    @Test
    void a_pair_has_two_ends_between_its_sentences() {
        Tokenizer tokenizer = bytes();
        int a = tokenizer.encode("a")[0];
        int b = tokenizer.encode("b")[0];
        var layout = new SentenceLayout(tokenizer, 9);
        assertThat(layout.ids("aa", "bbb")).containsExactly(BEGIN, a, a, END, END, b, b, b, END);
        assertThat(layout.ids("", "b")).containsExactly(BEGIN, END, END, b, END);
        assertThat(layout.ids("aaaaaaaaa", "b")).containsExactly(BEGIN, a, a, a, a, END, END, b, END);
        assertThat(layout.cuts("aa", "bbb")).isFalse();
        assertThat(layout.cuts("aaa", "bbb")).isTrue();
    }

    /// Worked out from the rule of `tokenizers`: lengths n1 ≤ n2 and limit m give n2 = max(n1, m − n1), and if that is
    /// still too long n1 = m/2, n2 = m/2 + m mod 2.
    @ParameterizedTest
    @CsvSource({
        "3, 4, 10, 3, 4", "10, 10, 10, 5, 5", "3, 20, 10, 3, 7", "20, 3, 10, 7, 3", "6, 20, 10, 5, 5",
        "10, 10, 5, 2, 3", "11, 10, 5, 3, 2", "10, 11, 5, 2, 3", "2, 10, 5, 2, 3", "3, 10, 5, 2, 3", "10, 3, 5, 3, 2",
        "0, 9, 5, 0, 5", "9, 0, 5, 5, 0", "3, 3, 5, 2, 3"
    })
    void the_longest_is_cut_first(int first, int second, int most, int keptFirst, int keptSecond) {
        assertThat(SentenceLayout.longestFirst(first, second, most)).containsExactly(keptFirst, keptSecond);
    }

    @Test
    void a_tokenizer_without_the_special_tokens_and_a_limit_without_room_are_refused() {
        assertThatThrownBy(() -> new SentenceLayout(new ByteTokenizer(), 20))
                .hasMessageContaining("<s>").hasMessageContaining("byte");
        assertThatThrownBy(() -> new SentenceLayout(bytes(), 5)).hasMessageContaining("at least 6");
    }

    /// The same from `tokenizer.json` and from `vocab.json` and `merges.txt`: "Hello world" is 31414 232, and a pair as
    /// transformers' documentation of RoBERTa shows it.
    @Test
    void real_roberta_files_of_both_kinds_give_the_documented_ids() throws IOException {
        Path files = SharedData.require("roberta-bpe");
        Files.copy(files.resolve("vocab.json"), directory.resolve("vocab.json"));
        Files.copy(SharedData.require("gpt2-bpe/merges.txt"), directory.resolve("merges.txt"));
        for (Path each : new Path[] {files, directory}) {
            var layout = new SentenceLayout(BytePairTokenizer.open(each), 512);
            assertThat(layout.ids("Hello world", null)).containsExactly(0, 31414, 232, 2);
            assertThat(layout.ids(" Hello world", null)).containsExactly(0, 20920, 232, 2);
            assertThat(layout.ids("Hello world", "Hello world"))
                    .containsExactly(0, 31414, 232, 2, 2, 31414, 232, 2);
        }
    }
}
