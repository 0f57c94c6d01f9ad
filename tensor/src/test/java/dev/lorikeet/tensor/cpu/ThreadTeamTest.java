package dev.lorikeet.tensor.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThreadTeamTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void every_part_runs_exactly_once_in_every_job(int threads) {
        try (ThreadTeam team = ThreadTeam.of(threads)) {
            for (int parts : new int[] {0, 1, 2, 3, 7, 64, 1000}) {
                for (int round = 0; round < 50; round++) {
                    AtomicIntegerArray runs = new AtomicIntegerArray(parts);
                    team.run(parts, runs::incrementAndGet);
                    for (int part = 0; part < parts; part++) {
                        assertThat(runs.get(part)).isEqualTo(1);
                    }
                }
            }
        }
    }

    @Test
    void parts_run_on_all_threads_at_the_same_time() {
        try (ThreadTeam team = ThreadTeam.of(3)) {
            CyclicBarrier allPresent = new CyclicBarrier(3);
            Set<String> names = ConcurrentHashMap.newKeySet();
            team.run(3, part -> {
                names.add(Thread.currentThread().getName());
                await(allPresent);
            });
            assertThat(names).containsExactlyInAnyOrder(
                    Thread.currentThread().getName(), "lorikeet-cpu-1", "lorikeet-cpu-2");
        }
    }

    @Test
    void a_worker_that_has_gone_to_sleep_wakes_for_the_next_job() throws InterruptedException {
        try (ThreadTeam team = ThreadTeam.of(2)) {
            for (int round = 0; round < 5; round++) {
                Thread.sleep(20);
                CyclicBarrier both = new CyclicBarrier(2);
                team.run(2, part -> await(both));
                assertThat(both.isBroken()).isFalse();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void row_ranges_cover_all_rows_once_and_begin_at_multiples_of_the_grain(int threads) {
        try (ThreadTeam team = ThreadTeam.of(threads)) {
            for (int rows : new int[] {0, 1, 5, 6, 7, 48, 1023}) {
                AtomicIntegerArray seen = new AtomicIntegerArray(rows);
                team.forRows(rows, 6, (from, to) -> {
                    assertThat(from % 6).isZero();
                    assertThat(to).isGreaterThan(from);
                    for (int row = from; row < to; row++) {
                        seen.incrementAndGet(row);
                    }
                });
                for (int row = 0; row < rows; row++) {
                    assertThat(seen.get(row)).isEqualTo(1);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void an_exception_of_a_part_reaches_the_caller_and_the_team_lives_on(int threads) {
        try (ThreadTeam team = ThreadTeam.of(threads)) {
            assertThatThrownBy(() -> team.run(8, part -> {
                if (part == 5) {
                    throw new ArithmeticException("part five");
                }
            })).isInstanceOf(ArithmeticException.class).hasMessage("part five");
            AtomicIntegerArray runs = new AtomicIntegerArray(8);
            team.run(8, runs::incrementAndGet);
            assertThat(runs.toString()).isEqualTo("[1, 1, 1, 1, 1, 1, 1, 1]");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void a_job_inside_a_job_is_refused(int threads) {
        try (ThreadTeam team = ThreadTeam.of(threads)) {
            assertThatThrownBy(() -> team.run(4, part -> team.run(4, inner -> { })))
                    .isInstanceOf(IllegalStateException.class).hasMessageContaining("neither nest nor overlap");
        }
    }

    @Test
    void a_closed_team_refuses_work_and_its_threads_are_gone() {
        ThreadTeam team = ThreadTeam.of(2);
        Set<Thread> seen = ConcurrentHashMap.newKeySet();
        CyclicBarrier both = new CyclicBarrier(2);
        team.run(2, part -> {
            seen.add(Thread.currentThread());
            await(both);
        });
        team.close();
        seen.remove(Thread.currentThread());
        assertThat(seen).hasSize(1).allSatisfy(worker -> assertThat(worker.isAlive()).isFalse());
        assertThatThrownBy(() -> team.run(1, part -> { })).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void a_team_without_threads_is_refused() {
        assertThatThrownBy(() -> ThreadTeam.of(0)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("was 0");
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await(30, java.util.concurrent.TimeUnit.SECONDS);
        } catch (InterruptedException | java.util.concurrent.BrokenBarrierException
                | java.util.concurrent.TimeoutException e) {
            throw new IllegalStateException("not all threads arrived", e);
        }
    }
}
