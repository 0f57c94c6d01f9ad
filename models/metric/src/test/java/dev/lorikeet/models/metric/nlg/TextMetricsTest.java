package dev.lorikeet.models.metric.nlg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/// Small cases whose numbers can be worked out on paper.
final class TextMetricsTest {
    private static final Words BLANKS = Words.asGiven();

    private static List<Segment> one(String hypothesis, String... references) {
        return List.of(new Segment(hypothesis, List.of(references)));
    }

    @Test
    void bleu_is_the_geometric_mean_of_clipped_precisions() {
        // 5 of 5, 2 of 4, 1 of 3 and none of 2 n-grams match
        assertThat(Bleu.multiBleu().of(one("a b c d x", "a b c d x")).corpus()).isEqualTo(100);
        Bleu smoothed = new Bleu("", BLANKS, 4, Smoothing.EXPONENTIAL, false, true, 1);
        assertThat(smoothed.of(one("a b c x d", "a b c d x")).corpus())
                .isCloseTo(Math.pow(1.0 * (2.0 / 4) * (1.0 / 3) * (1.0 / 2 / 2), 0.25), within(1e-12));
    }

    @Test
    void repeating_a_word_of_the_reference_does_not_help() {
        TextScore score = new Bleu("", BLANKS, 1, Smoothing.NONE, false, true, 1)
                .of(one("the the the the the the the", "the cat is on the mat", "there is a cat on the mat"));
        assertThat(score.corpus()).isCloseTo(2.0 / 7, within(1e-12));
    }

    @Test
    void a_short_hypothesis_is_penalised_by_the_closest_reference_the_shorter_of_two() {
        Bleu unigrams = new Bleu("", BLANKS, 1, Smoothing.NONE, false, true, 1);
        assertThat(unigrams.of(one("a a a", "a a a a", "a a a a a a")).corpus())
                .isCloseTo(Math.exp(1 - 4.0 / 3), within(1e-12));
        assertThat(unigrams.of(one("a a a", "a a", "a a a a")).corpus()).isEqualTo(2.0 / 3 * 1.5);
    }

    @Test
    void an_order_without_a_match_is_smoothed_as_each_scorer_does() {
        List<Segment> fest = one("this is a fest", "this is a test");
        assertThat(new Bleu("", BLANKS, 4, Smoothing.floor(0.01), false, false, 1).of(fest).corpus())
                .isCloseTo(0.223606797749979, within(1e-12));
        assertThat(new Bleu("", BLANKS, 4, Smoothing.floor(0.01), true, false, 1).of(one("a test", "a test")).corpus())
                .isEqualTo(1);
        assertThat(Bleu.multiBleu().of(fest).corpus()).isZero();
        assertThat(Bleu.sacre().of(fest).corpus())
                .isCloseTo(100 * Math.pow(3.0 / 4 * 2 / 3 / 2 / 2, 0.25), within(1e-9));
    }

    @Test
    void an_empty_hypothesis_scores_nothing_and_breaks_nothing() {
        List<Segment> empty = one("", "a reference");
        for (ScoredTask task : ScoredTask.values()) {
            for (String name : task.metrics()) {
                double score = task.metric(name, MeteorTables.none()).of(empty).corpus();
                assertThat(score).as(task + " " + name).isEqualTo(name.equals("ter") ? 100.0 : 0.0);
            }
        }
    }

    @Test
    void equal_texts_score_the_most() {
        List<Segment> same = List.of(
                new Segment("the cat sat on the mat", List.of("the cat sat on the mat")),
                new Segment("a dog ran over a hill", List.of("a dog ran over a hill")));
        assertThat(new Ter().of(same).corpus()).isZero();
        assertThat(Meteor.ofLines(MeteorTables.none()).of(same).segments()).containsExactly(1, 1);
        assertThat(RougeL.e2e().of(same).corpus()).isEqualTo(1);
        assertThat(CiderD.e2e().of(same).corpus()).isCloseTo(10, within(1e-12));
        assertThat(Rouge.n(2).of(same).corpus()).isEqualTo(1);
    }

    @Test
    void a_phrase_in_another_place_is_one_edit() {
        assertThat(new Ter().of(one("d e a b c", "a b c d e")).corpus()).isEqualTo(100.0 / 5);
        assertThat(new Ter().of(one("a b x d", "a b c d e")).corpus()).isEqualTo(2 * 100.0 / 5);
        // the closest reference counts the edits, the mean of both lengths divides
        assertThat(new Ter().of(one("a b", "a b", "c d e f")).corpus()).isZero();
    }

    @Test
    void rouge_l_takes_precision_and_recall_from_the_best_reference_each() {
        // precision 4/5 from the first, recall 4/4 from the first
        double p = 4.0 / 5;
        double expected = (1 + 1.44) * p / (1 + 1.44 * p);
        assertThat(new RougeL(BLANKS).of(one("this is a good test", "this is a test", "this is also a test")).corpus())
                .isCloseTo(expected, within(1e-12)).isCloseTo(0.9070631, within(1e-7));
    }

    @Test
    void rouge_n_counts_common_n_grams() {
        // unigrams: 3 of 4 and 3 of 3; bigrams: 1 of 3 and 1 of 2
        List<Segment> text = one("the small cat sat", "cat sat the");
        assertThat(Rouge.n(1).of(text).corpus()).isCloseTo(2 * 0.75 / 1.75, within(1e-12));
        assertThat(Rouge.n(2).of(text).corpus()).isCloseTo(2.0 / 3 * 0.5 / (1.0 / 3 + 0.5), within(1e-12));
        assertThat(Rouge.longest().of(text).corpus()).isCloseTo(2 * 0.5 * 2 / 3 / (0.5 + 2.0 / 3), within(1e-12));
    }

    @Test
    void nist_weighs_a_word_by_how_rare_it_is() {
        // four words of the references, "a" twice: info(a) = 1, info(b) = info(c) = 2; "a b" after "a": 1
        List<Segment> segments = List.of(new Segment("a b", List.of("a b")), new Segment("a c", List.of("a c")));
        double unigrams = (1 + 2 + 1 + 2) / 4.0;
        double bigrams = (1 + 1) / 2.0;
        assertThat(new Nist().of(segments).corpus()).isCloseTo(unigrams + bigrams, within(1e-12));
    }

    @Test
    void meteor_matches_stems_at_a_lower_weight_and_counts_chunks() {
        Meteor meteor = Meteor.ofLines(MeteorTables.none());
        // three of three words, one by stem: P = R = 2.6/3 in one chunk over the whole text
        assertThat(meteor.of(one("cats run fast", "cat run fast")).corpus()).isCloseTo(2.6 / 3, within(1e-12));
        // all four words in two chunks
        assertThat(meteor.of(one("c d a b", "a b c d")).corpus())
                .isCloseTo(1 - 0.6 * Math.pow(2 / 4.0, 0.2), within(1e-12));
    }

    @Test
    void a_segment_without_references_is_refused() {
        assertThatThrownBy(() -> new Segment("text", List.of())).hasMessageContaining("at least one reference");
        assertThatThrownBy(() -> Bleu.sacre().of(List.of())).hasMessageContaining("no segments");
    }
}
