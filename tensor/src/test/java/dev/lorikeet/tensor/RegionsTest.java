package dev.lorikeet.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.cpu.ScalarBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Steps of many shapes on a device that wants them to look the same every time.
final class RegionsTest {
    private static final int LAYERS = 12;

    private final DryRunBackend device = new DryRunBackend();
    private final Regions regions = new Regions(device);

    @AfterEach
    void close() {
        regions.close();
        assertThat(device.allocatedBytes()).isZero();
    }

    /// Like a model: each layer keeps two activations and needs some more for a while; then all the way back. Returns
    /// what it was given, in order.
    private List<Storage> step(int rows) {
        regions.beginStep();
        List<Storage> all = new ArrayList<>();
        List<Storage> kept = new ArrayList<>();
        for (int layer = 0; layer < LAYERS; layer++) {
            kept.add(note(all, regions.take(rows * 4L * 768)));
            Storage passing = note(all, regions.take(rows * 4L * 2304));
            Storage brief = note(all, regions.takeTemporary(rows * 4L * 3072));
            kept.add(note(all, regions.take(rows * 4L * 12)));
            regions.give(brief);
            regions.give(passing);
        }
        Storage logits = note(all, regions.takeTemporary(4 << 20));
        regions.give(logits);
        Storage gradient = note(all, regions.takeForBackward(rows * 4L * 768));
        for (int i = kept.size() - 1; i >= 0; i--) {
            Storage next = note(all, regions.takeForBackward(rows * 4L * 768));
            regions.give(gradient);
            regions.give(kept.get(i));
            gradient = next;
        }
        regions.give(gradient);
        return all;
    }

    private static Storage note(List<Storage> all, Storage storage) {
        all.add(storage);
        return storage;
    }

    @Test
    void a_step_finds_the_addresses_it_had_whatever_came_in_between() {
        for (int i = 0; i < 6; i++) {
            step(500);
        }
        List<Storage> small = step(400);
        List<Storage> large = step(500);
        Random random = new Random(1);
        for (int i = 0; i < 50; i++) {
            step(300 + random.nextInt(200));
        }
        assertThat(step(400)).isEqualTo(small);
        assertThat(step(540)).as("larger than ever").hasSize(large.size());
        assertThat(step(400)).isEqualTo(small);
        assertThat(step(500)).isEqualTo(large);
    }

    @Test
    void many_shapes_take_as_much_as_the_largest() {
        for (int i = 0; i < 200; i++) {
            step(300 + i % 37 * 10);
        }
        long bytes = regions.ownedBytes();
        long allocations = regions.allocations();
        for (int i = 0; i < 100; i++) {
            step(300 + i % 361);
        }
        assertThat(regions.allocations()).as("nothing new").isEqualTo(allocations);
        assertThat((double) bytes / need(660)).isLessThanOrEqualTo(1.25);
    }

    private static long need(int rows) {
        long kept = LAYERS * rows * 4L * (768 + 12);
        return kept + Math.max(rows * 4L * (2304 + 3072), 4 << 20);
    }

    @Test
    void what_is_kept_and_what_is_brief_do_not_cut_each_other_up() {
        for (int i = 0; i < 6; i++) {
            step(500);
        }
        assertThat((double) regions.ownedBytes() / need(500)).isLessThan(1.15);
    }

    @Test
    void pieces_do_not_overlap_and_neighbours_become_one_again() {
        Random random = new Random(2);
        try (Backend host = new ScalarBackend(); Regions pieces = new Regions(host)) {
            List<Storage> live = new ArrayList<>();
            for (int i = 0; i < 2000; i++) {
                if (!live.isEmpty() && random.nextInt(100) < 48) {
                    pieces.give(live.remove(random.nextInt(live.size())));
                    continue;
                }
                long bytes = 1 + random.nextInt(1 << random.nextInt(1, 20));
                Storage piece = random.nextBoolean() ? pieces.take(bytes) : pieces.takeTemporary(bytes);
                assertThat(piece.bytes()).isBetween(bytes, bytes + 255);
                for (Storage other : live) {
                    assertThat(piece.address() >= other.address() + other.bytes()
                            || other.address() >= piece.address() + piece.bytes()).as("apart").isTrue();
                }
                live.add(piece);
            }
            live.forEach(pieces::give);
            long allocations = pieces.allocations();
            assertThat(pieces.take(2 << 20).bytes()).isEqualTo(2 << 20);
            assertThat(pieces.allocations()).isEqualTo(allocations);
        }
    }

    @Test
    void a_storage_of_another_pool_is_refused() {
        Regions other = new Regions(new DryRunBackend());
        Storage theirs = other.take(10);
        assertThatThrownBy(() -> regions.give(theirs)).isInstanceOf(IllegalArgumentException.class);
    }
}
