package dev.lorikeet.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PairedRunTest {
    private static final SamplingPlan PACE = new SamplingPlan(6, 2, 0.1, 1, 0.5, 1000);

    private final Hands hands = new Hands();
    private final List<String> calls = new ArrayList<>();

    /// A clock that only contenders and pauses move.
    private static final class Hands implements Clock {
        private double now;

        @Override
        public double seconds() {
            return now;
        }

        @Override
        public void pause(double seconds) {
            now += seconds;
        }
    }

    private Contender contender(String name, double seconds, double value) {
        return Contender.of(name, () -> {
            calls.add(name);
            hands.now += seconds;
            return value;
        });
    }

    private Result measure(SamplingPlan plan, double tolerance, Contender... contenders) {
        return new PairedRun(plan, hands).measure("suite",
                new Comparison("work", Work.of(2e9, 1e9), tolerance, () -> Contest.of(contenders)));
    }

    @Test
    void ratios_are_to_the_first_contender_and_the_best_peer_is_the_fastest() {
        Result result = measure(PACE, 0,
                contender("ours", 0.02, 3), contender("slow", 0.05, 3), contender("fast", 0.03, 3));
        assertThat(result.contenders()).extracting(Samples::contender).containsExactly("ours", "slow", "fast");
        assertThat(result.ours().median()).isCloseTo(0.02, within(1e-9));
        assertThat(result.bestPeer()).get().extracting(Samples::contender).isEqualTo("fast");
        assertThat(result.speedup().orElseThrow().median()).isCloseTo(1.5, within(1e-9));
        assertThat(result.gigaflops(result.ours())).isCloseTo(100, within(1e-6));
        assertThat(result.gigabytes(result.ours())).isCloseTo(50, within(1e-6));
    }

    @Test
    void short_work_is_repeated_until_it_makes_a_sample() {
        Result result = measure(PACE, 0, contender("ours", 0.024, 3), contender("long", 0.3, 3));
        assertThat(result.contenders()).extracting(Samples::calls).containsExactly(5, 1);
        assertThat(result.contenders()).allSatisfy(samples -> assertThat(samples.seconds()).hasSize(6));
    }

    @Test
    void work_of_more_than_a_second_goes_without_untimed_calls() {
        measure(new SamplingPlan(2, 2, 0, 0, 0.5, 1000), 0, contender("a", 1.1, 3), contender("b", 3, 3));
        assertThat(calls).containsExactly("a", "a", "b", "b", "a", "b", "b", "a");
    }

    /// The fast one would make a hundred runs of a second's warm-up alone, and ten of a sample.
    @Test
    void runs_that_are_steps_are_as_many_for_everyone() {
        new PairedRun(new SamplingPlan(3, 3, 0.1, 1, 0.5, 1000), hands).measure("suite", new Comparison(
                "work", Work.items(1, "texts"), 0,
                () -> Contest.of(contender("a", 0.01, 3), contender("b", 1, 3))).inStep());
        assertThat(calls).containsExactly("a", "b", "a", "b", "a", "b", "b", "a", "a", "b");
    }

    @Test
    void rounds_rotate_and_each_turn_begins_with_an_untimed_call() {
        measure(new SamplingPlan(3, 3, 0, 0, 0.5, 1000), 0, contender("a", 1, 3), contender("b", 1, 3));
        assertThat(calls).containsExactly(
                "a", "a", "b", "b",                         // warm-up, at least two calls each
                "a", "a", "b", "b",                         // an untimed and a timed call
                "b", "b", "a", "a",
                "a", "a", "b", "b");
    }

    @Test
    void no_round_begins_after_the_time_is_up_but_the_least_number_is_kept() {
        Result result = measure(new SamplingPlan(50, 4, 0, 0, 0, 10), 0, contender("a", 2, 3), contender("b", 1, 3));
        assertThat(result.ours().seconds()).hasSize(4);
        Result longer = measure(new SamplingPlan(50, 4, 0, 0, 0, 59), 0, contender("a", 2, 3), contender("b", 1, 3));
        assertThat(longer.ours().seconds()).hasSize(10);
    }

    @Test
    void contenders_that_compute_different_things_are_not_compared() {
        assertThatThrownBy(() -> measure(PACE, 1e-4, contender("ours", 1, 3), contender("theirs", 1, 3.01)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("run 1 of ours returned 3.0", "theirs 3.01");
        assertThatThrownBy(() -> measure(PACE, 1e-4, contender("ours", 1, Double.NaN)))
                .isInstanceOf(IllegalStateException.class);
        assertThat(measure(PACE, 1e-2, contender("ours", 1, 3), contender("theirs", 1, 3.01)).peers()).hasSize(1);
    }

    @Test
    void a_contest_closes_its_contenders_and_then_what_they_share_last_first() {
        List<String> closed = new ArrayList<>();
        Contender contender = new Contender() {
            @Override
            public String name() {
                return "ours";
            }

            @Override
            public double run() {
                hands.now += 1;
                return 1;
            }

            @Override
            public void close() {
                closed.add("contender");
            }
        };
        new PairedRun(PACE, hands).measure("suite", new Comparison("work", Work.items(1, "tokens"), 0,
                () -> new Contest(List.of(contender), List.of(() -> closed.add("first"), () -> closed.add("second")))));
        assertThat(closed).containsExactly("contender", "second", "first");
    }
}
