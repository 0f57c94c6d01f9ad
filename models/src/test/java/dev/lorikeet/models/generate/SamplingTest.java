package dev.lorikeet.models.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplingTest {
    private static final double[] P = {0.1, 0.4, 0.05, 0.15, 0.3};

    private static double[] shares(Sampling sampling) {
        int draws = 20_000;
        double[] counts = new double[P.length];
        for (int i = 0; i < draws; i++) {
            counts[sampling.draw(P, 0, i)] += 1.0 / draws;
        }
        return counts;
    }

    @Test
    void every_token_is_drawn_as_often_as_it_is_likely() {
        double[] shares = shares(new Sampling(1, 0, 1, 3));
        for (int i = 0; i < P.length; i++) {
            assertThat(shares[i]).isCloseTo(P[i], within(0.012));
        }
    }

    @Test
    void top_k_keeps_the_likeliest_and_their_proportions() {
        double[] shares = shares(new Sampling(1, 2, 1, 3));
        assertThat(shares[1]).isCloseTo(4.0 / 7, within(0.012));
        assertThat(shares[4]).isCloseTo(3.0 / 7, within(0.012));
        assertThat(shares[0] + shares[2] + shares[3]).isZero();
    }

    @Test
    void top_p_keeps_the_smallest_set_that_has_the_mass() {
        double[] shares = shares(new Sampling(1, 0, 0.8, 3));
        assertThat(shares[0] + shares[2]).isZero();
        assertThat(shares[3]).isCloseTo(0.15 / 0.85, within(0.012));
        assertThat(new Sampling(1, 0, 0.01, 3).draw(P, 0, 0)).as("at least one").isEqualTo(1);
    }

    @Test
    void top_p_counts_within_top_k() {
        double[] shares = shares(new Sampling(1, 3, 0.8, 3));   // 0.7 of 0.85 is enough
        assertThat(shares[1]).isCloseTo(4.0 / 7, within(0.012));
        assertThat(shares[3]).isZero();
    }

    @Test
    void a_seed_and_a_position_name_a_draw() {
        Sampling sampling = new Sampling(1, 0, 1, 3);
        int[] once = IntStream.range(0, 50).map(i -> sampling.draw(P, 0, i)).toArray();
        assertThat(IntStream.range(0, 50).map(i -> sampling.draw(P, 0, i)).toArray()).isEqualTo(once);
        assertThat(IntStream.range(0, 50).map(i -> sampling.draw(P, 1, i)).toArray()).isNotEqualTo(once);
    }

    @Test
    void the_likeliest_come_in_order_and_the_first_of_equals_first() {
        SplittableRandom random = new SplittableRandom(5);
        double[] p = new double[1000];
        for (int i = 0; i < p.length; i++) {
            p[i] = random.nextInt(200) / 200.0;
        }
        int[] expected = IntStream.range(0, p.length)
                .boxed().sorted((a, b) -> Double.compare(p[b], p[a])).mapToInt(Integer::intValue).toArray();
        TokenHeap likeliest = new TokenHeap(p);
        assertThat(IntStream.range(0, p.length).map(_ -> likeliest.next()).toArray()).isEqualTo(expected);
    }
}
