package dev.lorikeet.models.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BytePairTrainingTest {
    @TempDir
    private Path directory;

    /// Counts by hand: `low` 5 times, `lower` 2, `newest` 6, `widest` 3 (Sennrich et al. 2016, without their end of
    /// word), each word alone on a line so that no blank precedes it. `es` and `st` occur 9 times; in the order of ids
    /// (e before s) `es` comes first, then `es`+`t`; `lo` occurs 7 times, and so on.
    @Test
    void merges_are_those_that_counting_by_hand_gives() {
        var training = new BytePairTraining();
        training.add("low\n".repeat(5) + "lower\n".repeat(2) + "newest\n".repeat(6) + "widest\n".repeat(3));
        BytePairVocabulary learned = training.learn(256 + 6, List.of());
        assertThat(learned.merges().stream().map(merge -> merge.left() + " " + merge.right()))
                .containsExactly("e s", "es t", "l o", "lo w", "e w", "n ew");
        assertThat(learned.tokens()).hasSize(262).endsWith("es", "est", "lo", "low", "ew", "new");
    }

    @Test
    void overlapping_pairs_of_one_letter_are_merged_from_the_left() {
        var training = new BytePairTraining();
        training.add("aaaaa\n".repeat(3));
        BytePairVocabulary learned = training.learn(256 + 2, List.of());
        assertThat(learned.merges().stream().map(merge -> merge.left() + " " + merge.right()))
                .containsExactly("a a", "aa a");
    }

    @Test
    void the_written_tokenizer_is_read_and_cuts_the_text_as_it_was_learned() {
        String text = "The cat sat on the mat, and the cats sat on the mats. Été 12 ½\n";
        var training = new BytePairTraining();
        training.add(text.repeat(4));
        training.learn(320, BytePairVocabulary.ROBERTA).write(directory);
        BytePairTokenizer tokenizer = BytePairTokenizer.open(directory);
        assertThat(tokenizer.vocabularySize()).isLessThanOrEqualTo(320);
        assertThat(tokenizer.specialTokens()).containsEntry("<s>", 0).containsEntry("<pad>", 1)
                .containsEntry("</s>", 2).containsEntry("<unk>", 3).containsEntry("<mask>", 4).hasSize(5);
        assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
        assertThat(tokenizer.encode(" the")).hasSize(1);
        assertThat(tokenizer.encode(text).length).isLessThan(text.length() / 2);
    }

    @Test
    void the_same_text_gives_the_same_vocabulary_in_whatever_order_it_comes() {
        var forwards = new BytePairTraining();
        forwards.add("one two three two three three");
        forwards.add(" and more and more");
        var backwards = new BytePairTraining();
        backwards.add(" and more and more");
        backwards.add("one two three two three three");
        assertThat(forwards.learn(270, BytePairVocabulary.GPT2)).isEqualTo(
                backwards.learn(270, BytePairVocabulary.GPT2));
    }

    @Test
    void learning_stops_where_no_pair_occurs_twice() {
        var training = new BytePairTraining();
        training.add("abc");
        assertThat(training.learn(1000, List.of()).tokens()).hasSize(256);
    }

    @Test
    void a_vocabulary_without_room_for_the_bytes_or_without_text_is_refused() {
        var training = new BytePairTraining();
        assertThatThrownBy(() -> training.learn(300, List.of())).hasMessageContaining("text");
        training.add("text");
        assertThatThrownBy(() -> training.learn(255, List.of())).hasMessageContaining("256");
    }
}
