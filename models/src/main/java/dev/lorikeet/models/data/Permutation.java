package dev.lorikeet.models.data;

/// A random order of `[0, size)` that is computed, not stored: element `i` needs no other element, so an epoch can be
/// entered anywhere at no cost.
///
/// A Feistel network of 8 rounds permutes the numbers of an even number of bits; while the result is too large it is
/// permuted again ("cycle walking", Black and Rogaway 2002), which keeps the map one-to-one on `[0, size)`.
final class Permutation implements Order {
    private static final int ROUNDS = 8;

    private final int size;
    private final int halfBits;
    private final long key;

    Permutation(int size, long seed, long epoch) {
        this.size = size;
        int bits = 64 - Long.numberOfLeadingZeros(size);
        halfBits = Math.max(4, (bits + 1) / 2);   // at least 256 numbers: a smaller network is a poor shuffle
        key = SplitMix.key(seed, epoch);
    }

    /// Where element `i` of the order points.
    @Override
    public int at(int i) {
        long value = i;
        do {
            value = network(value);
        } while (value >= size);
        return (int) value;
    }

    private long network(long value) {
        long mask = (1L << halfBits) - 1;
        long left = value >>> halfBits;
        long right = value & mask;
        for (int round = 0; round < ROUNDS; round++) {
            long swapped = left ^ SplitMix.key(key + round, right) & mask;
            left = right;
            right = swapped;
        }
        return left << halfBits | right;
    }
}
