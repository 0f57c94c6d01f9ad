package dev.lorikeet.bench.ceilings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class CeilingSuiteTest {
    private static final int FLOATS = 1024;

    @Test
    void the_chains_add_up_what_they_should() {
        // each lane: 0.001 + n·0.999·0.001
        assertThat(FmaKernel.run(1000)).isCloseTo(1.0, within(1e-3));
        assertThat(FmaKernel.flops(10)).isPositive();
    }

    @Test
    void streams_touch_every_number_of_their_range() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment a = arena.allocate(ValueLayout.JAVA_FLOAT, FLOATS);
            MemorySegment b = arena.allocate(ValueLayout.JAVA_FLOAT, FLOATS);
            MemorySegment c = arena.allocate(ValueLayout.JAVA_FLOAT, FLOATS);
            for (int i = 0; i < FLOATS; i++) {
                a.setAtIndex(ValueLayout.JAVA_FLOAT, i, i);
                b.setAtIndex(ValueLayout.JAVA_FLOAT, i, 2);
            }
            assertThat(StreamKernel.read(a, 0, 4 * FLOATS)).isEqualTo(FLOATS * (FLOATS - 1) / 2.0);
            assertThat(StreamKernel.triad(c, a, b, 0, 4 * FLOATS)).isEqualTo(6);
            for (int i = 0; i < FLOATS; i++) {
                assertThat(c.getAtIndex(ValueLayout.JAVA_FLOAT, i)).isEqualTo(i + 6f);
            }
        }
    }

    @Test
    void a_crew_does_the_work_once_per_thread() {
        try (ThreadTeam team = new ThreadTeam(3)) {
            assertThat(team.mean(i -> i)).isEqualTo(1);
        }
    }

    @Test
    void every_ceiling_is_measured_with_one_thread() {
        assertThat(new CeilingSuite().comparisons())
                .filteredOn(one -> one.traits().get("threads").equals("1"))
                .extracting(one -> one.traits().get("ceiling"))
                .containsExactly("fma", "triad", "read");
    }
}
