package dev.lorikeet.models.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PermutationTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 255, 256, 257, 1000, 65_537})
    void every_number_occurs_once(int size) {
        var order = new Permutation(size, 9, 4);
        int[] sorted = IntStream.range(0, size).map(order::at).sorted().toArray();
        assertThat(sorted).isEqualTo(IntStream.range(0, size).toArray());
    }

    @Test
    void a_large_size_stays_in_range() {
        var order = new Permutation(Integer.MAX_VALUE, 1, 1);
        assertThat(IntStream.range(0, 1000).map(i -> order.at(Integer.MAX_VALUE - 1 - i)).distinct().count())
                .isEqualTo(1000);
    }

    /// χ² over the 24 orders of four elements in 24,000 epochs: 23 degrees of freedom, 60 is beyond p = 1e-4. The
    /// seeds are fixed, so the test always has the same outcome.
    @Test
    void all_orders_of_four_elements_are_about_equally_frequent() {
        int[] counts = new int[256];
        for (int epoch = 0; epoch < 24_000; epoch++) {
            var order = new Permutation(4, 2024, epoch);
            counts[order.at(0) + 4 * order.at(1) + 16 * order.at(2) + 64 * order.at(3)]++;
        }
        int[] seen = Arrays.stream(counts).filter(count -> count > 0).toArray();
        assertThat(seen).hasSize(24);
        assertThat(Arrays.stream(seen).mapToDouble(count -> (count - 1000) * (count - 1000) / 1000.0).sum())
                .isLessThan(60);
    }

    /// Neighbours must not stay neighbours: in a random order the mean distance of two elements is a third of the size.
    @Test
    void neighbours_are_far_apart_in_the_order() {
        var order = new Permutation(10_000, 5, 0);
        double mean = IntStream.range(1, 10_000).map(i -> Math.abs(order.at(i) - order.at(i - 1))).average()
                .orElseThrow();
        assertThat(mean).isBetween(3200.0, 3470.0);
    }
}
