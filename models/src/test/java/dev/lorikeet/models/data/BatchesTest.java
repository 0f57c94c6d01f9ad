package dev.lorikeet.models.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.models.batch.TokenBatch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchesTest {
    /// Example `i` is `i` followed by 1 to 7 times `1000 + i`.
    private static Examples examples(int count) {
        return Examples.of(IntStream.range(0, count).mapToObj(i -> {
            int[] ids = new int[2 + i % 7];
            Arrays.fill(ids, 1000 + i);
            ids[0] = i;
            return new Example(ids, 1);
        }).toList());
    }

    /// The first ids of the batch's sequences: which examples it holds.
    private static List<Integer> members(TokenBatch batch) {
        return IntStream.range(0, batch.sequences().count()).mapToObj(i -> batch.ids()[batch.sequences().start(i)])
                .toList();
    }

    private static List<Integer> epoch(Batches<TokenBatch> batches) {
        var members = new ArrayList<Integer>();
        int epoch = batches.position().epoch();
        while (batches.position().epoch() == epoch) {
            members.addAll(members(batches.next()));
        }
        return members;
    }

    @Test
    void rows_follow_each_other_and_the_prompt_has_no_labels() {
        TokenBatch batch = Batches.inOrder(Examples.of(List.of(new Example(new int[] {5, 6, 7, 8}, 2),
                new Example(new int[] {1, 2}, 0))), BatchSize.ofSequences(2)).next();
        assertThat(batch.ids()).containsExactly(5, 6, 7, 1);
        assertThat(batch.positions()).containsExactly(0, 1, 2, 0);
        assertThat(batch.rows()).containsExactly(1, 2, 3);
        assertThat(batch.targets()).containsExactly(7, 8, 2);
        assertThat(batch.sequences().start(1)).isEqualTo(3);
        assertThat(batch.labelled()).isEqualTo(3);
    }

    @Test
    void every_epoch_gives_each_example_once_in_another_order() {
        Batches<TokenBatch> batches = Batches.shuffled(examples(103), BatchSize.ofSequences(8), 42);
        List<Integer> first = epoch(batches);
        List<Integer> second = epoch(batches);
        assertThat(first).hasSize(103).doesNotHaveDuplicates().isNotEqualTo(second);
        assertThat(second).hasSize(103).doesNotHaveDuplicates();
        assertThat(first).isNotEqualTo(epoch(Batches.shuffled(examples(103), BatchSize.ofSequences(8), 43)));
        assertThat(first).isEqualTo(epoch(Batches.shuffled(examples(103), BatchSize.ofSequences(5), 42)));
        assertThat(epoch(Batches.inOrder(examples(9), BatchSize.ofSequences(2))))
                .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8);
    }

    @Test
    void a_position_read_back_from_json_goes_on_with_the_same_batches() throws IOException {
        Batches<TokenBatch> uninterrupted = Batches.shuffled(examples(50), new BatchSize(6, 30), 7);
        for (int i = 0; i < 17; i++) {
            uninterrupted.next();
        }
        var json = new ObjectMapper();
        String written = json.writeValueAsString(uninterrupted.position());
        assertThat(written).matches("\\{\"epoch\":1,\"index\":\\d+}");
        Batches<TokenBatch> resumed = Batches.shuffled(examples(50), new BatchSize(6, 30), 7);
        resumed.restore(json.readValue(written, EpochPosition.class));
        for (int i = 0; i < 40; i++) {
            TokenBatch expected = uninterrupted.next();
            TokenBatch actual = resumed.next();
            assertThat(actual.ids()).isEqualTo(expected.ids());
            assertThat(actual.rows()).isEqualTo(expected.rows());
            assertThat(actual.targets()).isEqualTo(expected.targets());
        }
        assertThat(resumed.position()).isEqualTo(uninterrupted.position());
    }

    @Test
    void a_limit_of_rows_is_never_passed_and_used_as_far_as_the_next_example_allows() {
        Batches<TokenBatch> batches = Batches.inOrder(examples(14), BatchSize.ofRows(10));
        var rows = new ArrayList<Integer>();
        while (batches.position().epoch() == 0) {
            rows.add(batches.next().tokens());
        }
        assertThat(rows).containsExactly(10, 5, 6, 10, 7, 5, 6, 7);   // 1+2+3+4 | 5 | 6 | 7+1+2 | 3+4 | …
        assertThat(batches.batchesIn(0)).isEqualTo(rows.size());
    }

    @Test
    void grouped_by_length_every_example_comes_once_and_lengths_within_a_batch_differ_little() {
        Examples examples = examples(997);
        Batches<int[]> batches = Batches.byLength(examples, 8, 42, (_, chosen) -> chosen);
        Batches<int[]> others = Batches.shuffled(examples, BatchSize.ofSequences(8), 42, (_, chosen) -> chosen);
        for (int epoch = 0; epoch < 2; epoch++) {
            var seen = new ArrayList<Integer>();
            int spread = 0;
            int otherSpread = 0;
            for (int batch = 0; batch < 125; batch++) {
                int[] chosen = batches.next();
                assertThat(chosen).hasSize(batch < 124 ? 8 : 5);
                Arrays.stream(chosen).forEach(seen::add);
                spread += spread(examples, chosen);
                otherSpread += spread(examples, others.next());
            }
            assertThat(batches.position()).isEqualTo(new EpochPosition(epoch + 1, 0));
            assertThat(seen).hasSize(997).doesNotHaveDuplicates();
            assertThat(spread).isLessThan(otherSpread / 10);
        }
        assertThat(batches.next()).isNotEqualTo(Batches.byLength(examples, 8, 42, (_, chosen) -> chosen).next());
    }

    private static int spread(Examples examples, int... chosen) {
        var lengths = Arrays.stream(chosen).map(examples::rows).summaryStatistics();
        return lengths.getMax() - lengths.getMin();
    }

    @Test
    void the_number_of_batches_is_known_beforehand() {
        for (BatchSize size : List.of(BatchSize.ofSequences(8), BatchSize.ofRows(20), new BatchSize(3, 12))) {
            Batches<TokenBatch> batches = Batches.shuffled(examples(61), size, 1);
            for (int epoch = 0; epoch < 3; epoch++) {
                int count = 0;
                for (; batches.position().epoch() == epoch; count++) {
                    batches.next();
                }
                assertThat(batches.batchesIn(epoch)).isEqualTo(count);
            }
        }
    }

    @Test
    void what_cannot_fit_is_refused_at_once() {
        assertThatThrownBy(() -> Batches.inOrder(examples(9), BatchSize.ofRows(6)))
                .hasMessageContaining("example 6 has 7 rows, a batch at most 6");
        assertThatThrownBy(() -> Batches.inOrder(examples(9), BatchSize.ofRows(8)).restore(new EpochPosition(0, 9)))
                .hasMessageContaining("there are 9 examples");
        assertThatThrownBy(() -> BatchSize.ofSequences(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Example(new int[] {1, 2}, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Examples.of(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void long_examples_are_cut_or_left_out_and_counted() {
        Examples examples = Examples.of(List.of(new Example(new int[] {1, 2, 3}, 1),
                new Example(new int[] {1, 2, 3, 4, 5}, 1), new Example(new int[] {1, 2, 3, 4, 5}, 4)));
        LimitedExamples cut = LimitedExamples.truncate(examples, 3);
        assertThat(cut.examples().get(1)).isEqualTo(new Example(new int[] {1, 2, 3, 4}, 1));
        assertThat(cut.report()).isEqualTo("1 of 3 examples cut, 1 left out");
        LimitedExamples dropped = LimitedExamples.drop(examples, 3);
        assertThat(dropped.examples().size()).isEqualTo(1);
        assertThat(dropped.report()).isEqualTo("0 of 3 examples cut, 2 left out");
        assertThatThrownBy(() -> LimitedExamples.drop(examples, 1)).hasMessageContaining("the shortest has 2");
    }
}
