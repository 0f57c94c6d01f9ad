package dev.lorikeet.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/// Against the known answers that come with Random123 (`kat_vectors`, philox4x32 with 10 rounds).
final class PhiloxTest {
    @Test
    void counter_and_key_of_zeros() {
        assertThat(block(new RandomKey(0, 0), 0)).containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
    }

    @Test
    void counter_and_key_of_ones() {
        assertThat(block(new RandomKey(-1, -1), -1)).containsExactly(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
    }

    @Test
    void counter_and_key_of_digits_of_pi() {
        RandomKey key = new RandomKey(0x299f31d0_a4093822L, 0x03707344_13198a2eL);
        assertThat(block(key, 0x85a308d3_243f6a88L)).containsExactly(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
    }

    @Test
    void elements_are_the_words_of_their_blocks() {
        RandomKey key = new RandomKey(42, 7);
        for (int i = 0; i < 4; i++) {
            assertThat(Philox.word(key, 4 * 11 + i)).isEqualTo(block(key, 11)[i]);
        }
    }

    @Test
    void uniform_numbers_lie_between_0_and_1_without_the_ends() {
        assertThat(Philox.uniform(0)).isEqualTo(0x1p-33);
        assertThat(Philox.uniform(-1)).isEqualTo(1 - 0x1p-33);
        assertThat(Philox.uniform(1 << 31)).isEqualTo(0.5 + 0x1p-33);
    }

    /// `u₀ = e^(−½)` gives radius 1; a quarter turn gives sine 1 and cosine 0.
    @Test
    void normal_numbers_are_radius_times_sine_and_cosine() {
        int radiusOne = (int) (long) (Math.exp(-0.5) * 0x1p32);
        int quarter = 1 << 30;
        assertThat(Philox.normal(radiusOne, quarter, false)).isCloseTo(1, within(1e-8));
        assertThat(Philox.normal(radiusOne, quarter, true)).isCloseTo(0, within(1e-8));
    }

    @Test
    void normal_numbers_have_mean_0_and_deviation_1() {
        double sum = 0;
        double squares = 0;
        int n = 100_000;
        RandomKey key = new RandomKey(1, 2);
        for (int i = 0; i < n; i += 2) {
            int[] words = {Philox.word(key, i), Philox.word(key, i + 1)};
            for (boolean second : new boolean[] {false, true}) {
                double z = Philox.normal(words[0], words[1], second);
                sum += z;
                squares += z * z;
            }
        }
        assertThat(sum / n).isCloseTo(0, within(0.013));          // four standard errors
        assertThat(squares / n).isCloseTo(1, within(0.018));
    }

    @Test
    void dropout_keeps_words_from_its_threshold_on() {
        assertThat(Philox.keepThreshold(0)).isZero();
        assertThat(Philox.keepThreshold(0.5)).isEqualTo(1L << 31);
        assertThat(Philox.keepThreshold(0.1)).isEqualTo(429_496_730L);
    }

    private static int[] block(RandomKey key, long block) {
        int[] words = new int[4];
        Philox.block(words, key, block);
        return words;
    }
}
