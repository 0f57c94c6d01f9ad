package dev.lorikeet.bench.steps;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.bench.compare.Comparison;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ScalingSuiteTest {
    private static List<Double> expected(String axis) {
        Comparison comparison = new ScalingSuite().comparisons().stream()
                .filter(one -> one.traits().get("axis").equals(axis))
                .findFirst()
                .orElseThrow();
        return Stream.of(comparison.traits().get("expected").split(",")).map(Double::valueOf).toList();
    }

    @Test
    void a_batch_costs_its_sequences_and_a_sequence_a_little_more_than_its_tokens() {
        assertThat(expected("batch")).containsExactly(1.0, 2.0, 4.0, 8.0);
        assertThat(expected("sequence").getFirst()).isEqualTo(1);
        assertThat(expected("sequence").getLast()).isBetween(8.5, 9.5);
    }

    @Test
    void a_rank_costs_little_and_layers_what_the_head_leaves() {
        // the head costs as much as five and a half of the twelve layers
        assertThat(expected("rank").getLast()).isBetween(1.01, 1.05);
        assertThat(expected("layers").getLast()).isBetween(1.9, 2.3);
    }
}
