package dev.lorikeet.models.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// What both beam searches are made of; the searches themselves are compared with the reference libraries.
final class BeamsTest {
    @Test
    void the_largest_come_in_order_and_the_first_of_equals_wins() {
        double[] values = {1, 5, 3, 5, Double.NEGATIVE_INFINITY, 2};

        assertThat(Beams.largest(values, 4)).containsExactly(1, 3, 2, 5);
        assertThat(Beams.largest(values, 10)).containsExactly(1, 3, 2, 5, 0, 4);
        assertThat(Beams.largest(values, 1)).containsExactly(1);
    }

    @Test
    void log_softmax_sums_to_one_even_for_large_logits() {
        double[] logs = Beams.logSoftmax(new double[] {30000, 30001, -30000});

        assertThat(Arrays.stream(logs).map(Math::exp).sum()).isCloseTo(1, within(1e-12));
        assertThat(logs[1] - logs[0]).isCloseTo(1, within(1e-9));
    }

    @Test
    void a_token_that_would_repeat_an_ngram_is_forbidden() {
        double[] scores = new double[5];

        Beams.forbidRepeats(scores, new int[] {1, 2, 3, 1, 2}, 3);

        assertThat(scores).containsExactly(0, 0, 0, Double.NEGATIVE_INFINITY, 0);
    }

    @Test
    void every_token_seen_is_forbidden_where_single_tokens_may_not_repeat() {
        double[] scores = new double[4];

        Beams.forbidRepeats(scores, new int[] {0, 3}, 1);

        assertThat(scores).containsExactly(Double.NEGATIVE_INFINITY, 0, 0, Double.NEGATIVE_INFINITY);
    }

    @Test
    void nothing_is_forbidden_before_an_ngram_fits() {
        double[] scores = new double[4];

        Beams.forbidRepeats(scores, new int[] {2, 2}, 4);
        Beams.forbidRepeats(scores, new int[] {2, 2}, 0);

        assertThat(scores).containsOnly(0);
    }
}
