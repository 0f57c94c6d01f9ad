package dev.lorikeet.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.tensor.cpu.ScalarBackend;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PoolTest {
    private final Backend scalar = new ScalarBackend();
    private final Pool pool = new Pool(scalar);

    @AfterEach
    void close() {
        pool.close();
        scalar.close();
    }

    @Test
    void a_second_round_of_the_same_requests_allocates_nothing() {
        int[] sizes = {1000, 4096, 1000, 70_000, 12, 513, 4096, 1_000_000};
        round(sizes);
        long first = pool.allocations();
        for (int i = 0; i < 5; i++) {
            round(sizes);
        }
        assertThat(pool.allocations()).isEqualTo(first);
        assertThat(pool.usedBytes()).isZero();
    }

    @Test
    void what_was_given_back_is_handed_out_again() {
        Storage storage = pool.take(5000);
        pool.give(storage);
        assertThat(pool.take(4900)).isSameAs(storage);
    }

    @Test
    void two_live_storages_are_never_the_same() {
        assertThat(pool.take(100)).isNotSameAs(pool.take(100));
    }

    @Test
    void a_request_does_not_get_more_than_a_quarter_above_its_size_class() {
        pool.take(1 << 20);
        pool.give(pool.take(4096));
        assertThat(pool.take(3 * 1024).bytes()).isEqualTo(3 * 1024);
        assertThat(pool.take(3584).bytes()).isEqualTo(4096);
        assertThat(pool.allocations()).isEqualTo(3);
    }

    @Test
    void changing_sizes_do_not_pile_up_free_storages() {
        for (int round = 0; round < 200; round++) {
            round(new int[] {1000 + 997 * round, 5000 + 1003 * round});
            assertThat(pool.ownedBytes()).isLessThanOrEqualTo(pool.peakBytes() * 3 / 2);
        }
        assertThat(pool.usedBytes()).isZero();
    }

    @Test
    void size_classes_waste_at_most_an_eighth() {
        for (long bytes = 513; bytes < 100_000; bytes += 37) {
            long size = Pool.sizeClass(bytes);
            assertThat(size).isBetween(bytes, bytes + bytes / 8 + 64);
            assertThat(Pool.sizeClass(size)).isEqualTo(size);
        }
    }

    @Test
    void the_peak_is_the_most_that_was_out_at_once() {
        Storage a = pool.take(1024);
        Storage b = pool.take(2048);
        pool.give(a);
        pool.give(b);
        pool.give(pool.take(1024));
        assertThat(pool.peakBytes()).isEqualTo(3072);
        assertThat(pool.ownedBytes()).isEqualTo(3072);
    }

    private void round(int[] sizes) {
        List<Storage> taken = new ArrayList<>();
        for (int size : sizes) {
            taken.add(pool.take(size));
        }
        taken.forEach(pool::give);
    }
}
