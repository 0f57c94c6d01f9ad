package dev.lorikeet.models.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.nn.Attend;
import dev.lorikeet.tensor.AttentionSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SplitBatchTest {
    private static final int LIMIT = 20;

    private static TokenBatch batch(int... lengths) {
        Random random = new Random(3);
        List<int[]> tokens = new ArrayList<>();
        List<int[]> labels = new ArrayList<>();
        for (int length : lengths) {
            tokens.add(random.ints(length, 0, 100).toArray());
            labels.add(random.ints(length, 0, 2).map(i -> i == 0 ? TokenBatch.IGNORED : i).toArray());
        }
        return TokenBatch.of(tokens, labels);
    }

    @Test
    void parts_hold_the_same_tokens_positions_and_labels_in_the_same_order() {
        TokenBatch whole = batch(7, 3, 9, 12, 1, 25, 4, 4, 19);
        List<TokenBatch> parts = whole.split(LIMIT);
        List<Integer> rows = new ArrayList<>();
        int start = 0;
        for (TokenBatch part : parts) {
            assertThat(part.sequences().count() == 1 || part.tokens() <= LIMIT).isTrue();
            for (int row : part.rows()) {
                rows.add(start + row);
            }
            start += part.tokens();
        }
        assertThat(joined(parts.stream().map(TokenBatch::ids).toList())).isEqualTo(whole.ids());
        assertThat(joined(parts.stream().map(TokenBatch::positions).toList())).isEqualTo(whole.positions());
        assertThat(joined(parts.stream().map(TokenBatch::targets).toList())).isEqualTo(whole.targets());
        assertThat(rows).containsExactly(Arrays.stream(whole.rows()).boxed().toArray(Integer[]::new));
    }

    @Test
    void equal_sequences_make_equal_parts() {
        List<TokenBatch> parts = batch(8, 8, 8, 8, 8).split(LIMIT);
        assertThat(parts.stream().map(TokenBatch::tokens)).containsExactly(16, 16, 8);
        assertThat(batch(5, 5, 5, 5, 5, 5).split(LIMIT).stream().map(TokenBatch::tokens)).containsExactly(15, 15);
    }

    @Test
    void what_fits_stays_whole() {
        TokenBatch whole = batch(7, 3, 9);
        assertThat(whole.split(19)).containsExactly(whole);
        assertThat(whole.split(Integer.MAX_VALUE)).hasSize(1);
    }

    @Test
    void a_batch_that_attends_in_a_way_of_its_own_is_not_split() {
        TokenBatch plain = batch(15, 15);
        Attend other = new Attend() {
            @Override
            public Activation attend(Tape tape, Activation qkv, AttentionSpec spec) {
                throw new AssertionError("a split computes nothing");
            }

            @Override
            public Activation attend(Tape tape, Activation q, Activation k, Activation v, AttentionSpec spec) {
                throw new AssertionError("a split computes nothing");
            }
        };
        TokenBatch batch = new TokenBatch(plain.ids(), plain.positions(), plain.sequences(), plain.rows(),
                plain.targets(), other);
        assertThatThrownBy(() -> batch.split(LIMIT)).hasMessageContaining("cannot be split");
        assertThat(batch.split(30)).containsExactly(batch);
    }

    @Test
    void every_text_keeps_its_label() {
        int[] lengths = IntStream.rangeClosed(1, 9).toArray();
        double[] labels = IntStream.of(lengths).asDoubleStream().toArray();
        for (LabelledBatch part : new LabelledBatch(batch(lengths), labels).split(LIMIT)) {
            for (int s = 0; s < part.labelled(); s++) {
                assertThat(part.labels()[s]).isEqualTo(part.text().sequences().length(s));
            }
        }
    }

    private static int[] joined(List<int[]> arrays) {
        return arrays.stream().flatMapToInt(Arrays::stream).toArray();
    }
}
