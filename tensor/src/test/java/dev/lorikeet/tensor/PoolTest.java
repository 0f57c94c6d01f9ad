package dev.lorikeet.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.cpu.ScalarBackend;
import java.lang.reflect.Proxy;
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
    void what_is_wanted_briefly_may_lie_in_a_storage_up_to_eight_times_as_large() {
        pool.take(64 << 20);                       // so that nothing is evicted
        Storage large = pool.takeTemporary(8 << 20);
        pool.give(large);
        assertThat(pool.takeTemporary(1 << 20)).isSameAs(large);
        pool.give(large);
        assertThat(pool.takeTemporary((1 << 20) - (1 << 17))).as("more than eight times").isNotSameAs(large);
        assertThat(pool.take(8 << 20)).as("what may have to stay").isNotSameAs(large);
        assertThat(pool.takeForBackward(3 << 20)).isSameAs(large);
    }

    @Test
    void only_the_backward_pass_puts_temporaries_where_something_might_have_to_stay() {
        pool.take(64 << 20);
        Storage lasting = pool.take(4 << 20);
        pool.give(lasting);
        assertThat(pool.takeTemporary(4 << 20)).isNotSameAs(lasting);
        assertThat(pool.takeForBackward(1 << 20)).isSameAs(lasting);
    }

    @Test
    void a_large_temporary_takes_the_place_of_a_smaller_one() {
        List<Storage> small = new ArrayList<>(List.of(pool.take(5 << 20)));
        for (int size : new int[] {3 << 20, 4 << 20, 1 << 19}) {
            small.add(pool.takeTemporary(size));
        }
        small.forEach(pool::give);
        Storage large = pool.takeTemporary(9 << 20);
        assertThat(pool.ownedBytes()).as("the one of 4 MiB has gone")
                .isEqualTo((9 << 20) + (5 << 20) + (3 << 20) + (1 << 19));
        pool.give(large);
        long allocations = pool.allocations();
        assertThat(pool.takeTemporary(4 << 20)).as("the large one stands in").isSameAs(large);
        assertThat(pool.allocations()).isEqualTo(allocations);
    }

    @Test
    void after_settling_the_same_requests_get_the_same_storages_whatever_the_order_of_return() {
        List<Storage> first = List.of(pool.take(1000), pool.take(1000), pool.take(1000));
        first.forEach(pool::give);
        pool.beginStep();
        assertThat(List.of(pool.take(1000), pool.take(1000), pool.take(1000))).isEqualTo(first);
        first.reversed().forEach(pool::give);
        pool.beginStep();
        assertThat(List.of(pool.take(1000), pool.take(1000), pool.take(1000))).isEqualTo(first);
    }

    @Test
    void what_lies_idle_goes_back_before_a_request_fails() {
        try (Pool small = new Pool(limited(10_000))) {
            small.give(small.take(6000));
            Storage other = small.take(512);
            assertThat(small.take(9000).bytes()).isGreaterThanOrEqualTo(9000);
            assertThat(small.ownedBytes()).isLessThanOrEqualTo(10_000);
            assertThatThrownBy(() -> small.take(2000)).isInstanceOf(OutOfDeviceMemory.class);
            small.give(other);
            assertThat(small.take(400)).isSameAs(other);
        }
    }

    /// The scalar backend with as many bytes.
    private Backend limited(long bytes) {
        long[] free = {bytes};
        return (Backend) Proxy.newProxyInstance(
                Backend.class.getClassLoader(), new Class<?>[] {Backend.class}, (_, method, arguments) -> {
                    if (method.getName().equals("allocate")) {
                        free[0] -= (long) arguments[0];
                        if (free[0] < 0) {
                            free[0] += (long) arguments[0];
                            throw new OutOfDeviceMemory("%d bytes are free".formatted(free[0]), null);
                        }
                    } else if (method.getName().equals("free")) {
                        free[0] += ((Storage) arguments[0]).bytes();
                    }
                    return method.invoke(scalar, arguments);
                });
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
            long size = RecycledStorages.sizeClass(bytes);
            assertThat(size).isBetween(bytes, bytes + bytes / 8 + 64);
            assertThat(RecycledStorages.sizeClass(size)).isEqualTo(size);
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
