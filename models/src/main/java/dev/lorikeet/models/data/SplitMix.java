package dev.lorikeet.models.data;

/// Random numbers from a counter: the same key and number give the same bits, whatever was drawn before.
final class SplitMix {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private SplitMix() {
    }

    /// The finaliser of SplitMix64 (Steele, Lea and Flood 2014): every input bit moves every output bit.
    static long mix(long z) {
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }

    /// The key `number` below `key`.
    static long key(long key, long number) {
        return mix(mix(key + GOLDEN) + GOLDEN * (number + 1));
    }

    /// Uniform in `[0, bound)`, but for a bias below `bound / 2⁶⁴`.
    static int below(int bound, long key, long number) {
        return (int) Math.unsignedMultiplyHigh(key(key, number), bound);
    }
}
