package dev.lorikeet.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class SequencesTest {
    @Test
    void packed_sequences_follow_each_other() {
        Sequences packed = Sequences.of(3, 0, 5);
        assertThat(packed.count()).isEqualTo(3);
        assertThat(new int[] {packed.start(0), packed.start(1), packed.start(2)}).containsExactly(0, 3, 3);
        assertThat(packed.length(2)).isEqualTo(5);
        assertThat(packed.tokens()).isEqualTo(8);
        assertThat(packed.rows()).isEqualTo(8);
        assertThat(packed.longest()).isEqualTo(5);
    }

    @Test
    void slots_leave_room_between_sequences() {
        Sequences slots = Sequences.slots(new int[] {0, 16}, new int[] {3, 7});
        assertThat(slots.start(1)).isEqualTo(16);
        assertThat(slots.tokens()).isEqualTo(10);
        assertThat(slots.rows()).isEqualTo(23);
    }

    @Test
    void an_empty_batch_has_nothing() {
        Sequences none = Sequences.of();
        assertThat(none.count()).isZero();
        assertThat(none.rows()).isZero();
        assertThat(none.longest()).isZero();
    }

    @Test
    void arrays_are_copied() {
        int[] lengths = {3, 4};
        Sequences packed = Sequences.of(lengths);
        lengths[0] = 99;
        assertThat(packed.length(0)).isEqualTo(3);
    }

    @Test
    void nonsense_is_refused() {
        assertThatThrownBy(() -> Sequences.of(3, -1)).hasMessage("sequence 1 has length -1");
        assertThatThrownBy(() -> Sequences.slots(new int[] {0}, new int[] {1, 2})).hasMessage("1 starts, 2 lengths");
    }

    @Test
    void what_fills_a_batch_up_is_not_its_own() {
        Sequences padded = Sequences.padded(new int[] {3, 4, 2, 0}, 2, 7);
        assertThat(padded.count()).isEqualTo(4);
        assertThat(padded.rows()).isEqualTo(9);
        assertThat(padded.tokens()).isEqualTo(9);
        assertThat(padded.realCount()).isEqualTo(2);
        assertThat(padded.realRows()).isEqualTo(7);
        Sequences plain = Sequences.of(3, 4);
        assertThat(plain.realCount()).isEqualTo(2);
        assertThat(plain.realRows()).isEqualTo(plain.rows());
        assertThat(Sequences.slots(new int[] {5, 1}, new int[] {2, 3}).realRows()).isEqualTo(7);
    }
}
