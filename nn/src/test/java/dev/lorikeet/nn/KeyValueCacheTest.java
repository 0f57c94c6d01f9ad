package dev.lorikeet.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.TestEngine;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Three sequences of at most four tokens, two layers of two heads with one column each. The key of a token is a pair
/// of numbers, `10·sequence + position` for head 0 and a hundred more for head 1; its value is the negative.
class KeyValueCacheTest {
    private static final int HEADS = 2;
    private static final int CAPACITY = 4;

    @RegisterExtension
    private final TestEngine engine = new TestEngine();

    private final Kernels kernels = engine.backend().kernels();
    private final KeyValueCache cache =
            new KeyValueCache(engine.backend(), DType.F64, 2, 3, CAPACITY, HEADS, HEADS);

    @AfterEach
    void close() {
        cache.close();
    }

    /// Appends the next tokens of each sequence to both layers.
    private Sequences append(int... lengths) {
        Sequences added = Sequences.of(lengths);
        double[] keys = new double[HEADS * added.rows()];
        for (int s = 0, i = 0; s < lengths.length; s++) {
            for (int t = 0; t < lengths[s]; t++) {
                keys[i++] = 10 * s + cache.length(s) + t;
                keys[i] = keys[i++ - 1] + 100;
            }
        }
        Tensor key = engine.doubles(Shape.of(added.rows(), HEADS), keys);
        Tensor value = engine.doubles(Shape.of(added.rows(), HEADS), Arrays.stream(keys).map(x -> -x).toArray());
        Sequences slots = cache.layer(0).append(kernels, key, value, added);
        assertThat(cache.layer(1).append(kernels, key, value, added)).hasToString(slots.toString());
        cache.advance(added);
        return slots;
    }

    /// What head `h` of sequence `s` has behind it in a layer.
    private List<Double> past(Tensor cached, int s, int h) {
        double[] all = engine.numbers(cached);
        List<Double> past = new ArrayList<>();
        for (int t = 0; t < cache.length(s); t++) {
            past.add(all[(s * HEADS + h) * CAPACITY + t]);
        }
        return past;
    }

    private void assertPast(int s, double... head0) {
        assertThat(cache.length(s)).isEqualTo(head0.length);
        for (int layer = 0; layer < 2; layer++) {
            for (int h = 0; h < HEADS; h++) {
                double more = 100 * h;
                assertThat(past(cache.layer(layer).keys(), s, h))
                        .containsExactly(Arrays.stream(head0).mapToObj(x -> x + more).toArray(Double[]::new));
                assertThat(past(cache.layer(layer).values(), s, h))
                        .containsExactly(Arrays.stream(head0).mapToObj(x -> -x - more).toArray(Double[]::new));
            }
        }
    }

    @Test
    void tokens_are_appended_head_by_head_one_or_several_at_once() {
        append(2, 1, 0);
        append(1, 0, 1);
        assertPast(0, 0, 1, 2);
        assertPast(1, 10);
        assertPast(2, 20);
    }

    @Test
    void attention_is_told_where_each_head_of_each_sequence_lies() {
        append(2, 1, 0);
        Sequences slots = append(1, 1, 1);
        assertThat(slots.count()).isEqualTo(6);
        assertThat(slots.start(3)).as("head 1 of sequence 1").isEqualTo((HEADS + 1) * CAPACITY);
        assertThat(slots.length(3)).as("the new token included").isEqualTo(2);
    }

    @Test
    void reordered_sequences_take_over_the_past_of_others() {
        append(3, 2, 1);
        cache.reorder(new int[] {1, 0, 1});                  // two change places, one past is had twice
        assertPast(0, 10, 11);
        assertPast(1, 0, 1, 2);
        assertPast(2, 10, 11);
        append(1, 1, 1);
        assertPast(0, 10, 11, 2);                            // each goes on by itself
        assertPast(2, 10, 11, 22);
    }

    @Test
    void what_stays_in_place_is_left_as_it_is() {
        append(3, 2, 1);
        cache.reorder(new int[] {0, 1, 2});
        assertPast(0, 0, 1, 2);
        assertPast(1, 10, 11);
        assertPast(2, 20);
    }

    @Test
    void a_cleared_cache_starts_anew() {
        append(3, 2, 1);
        cache.clear();
        append(1, 0, 0);
        assertPast(0, 0);
        assertPast(1);
    }

    @Test
    void a_sequence_that_outgrows_its_slot_is_refused() {
        append(3, 3, 3);
        assertThatThrownBy(() -> append(0, 2, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("sequence 1 would have 5 tokens, the cache holds 4");
    }
}
