package dev.lorikeet.tensor;

/// Philox 4x32-10 (Salmon et al., *Parallel random numbers: as easy as 1, 2, 3*, SC 2011): a counter-based generator.
/// Four random words are a pure function of (seed, stream, block number), so any element can be drawn by any thread of
/// any device, in any order, and redrawn in a backward pass instead of being stored.
///
/// Element `i` is word `i mod 4` of block `i div 4`; the block number is the low half of the counter, the stream the
/// high half, the seed the key.
public final class Philox {
    private static final int M0 = 0xD2511F53;
    private static final int M1 = 0xCD9E8D57;
    private static final int W0 = 0x9E3779B9;
    private static final int W1 = 0xBB67AE85;
    private static final int ROUNDS = 10;
    private static final double WORD = 0x1p-32;

    private Philox() {}

    /// The four words of block `block`, written to `words[0..3]`.
    public static void block(int[] words, RandomKey key, long block) {
        int c0 = (int) block;
        int c1 = (int) (block >>> 32);
        int c2 = (int) key.stream();
        int c3 = (int) (key.stream() >>> 32);
        int k0 = (int) key.seed();
        int k1 = (int) (key.seed() >>> 32);
        for (int round = 0; round < ROUNDS; round++) {
            long p0 = (M0 & 0xFFFFFFFFL) * (c0 & 0xFFFFFFFFL);
            long p1 = (M1 & 0xFFFFFFFFL) * (c2 & 0xFFFFFFFFL);
            int n0 = (int) (p1 >>> 32) ^ c1 ^ k0;
            int n2 = (int) (p0 >>> 32) ^ c3 ^ k1;
            c1 = (int) p1;
            c3 = (int) p0;
            c0 = n0;
            c2 = n2;
            k0 += W0;
            k1 += W1;
        }
        words[0] = c0;
        words[1] = c1;
        words[2] = c2;
        words[3] = c3;
    }

    /// The random word of one element. Convenient, not fast: kernels draw whole blocks.
    public static int word(RandomKey key, long element) {
        int[] words = new int[4];
        block(words, key, element >>> 2);
        return words[(int) (element & 3)];
    }

    /// Uniform in (0, 1]: `(w + ½)·2⁻³²` for the unsigned word `w`, in double.
    public static double uniform(int word) {
        return ((word & 0xFFFFFFFFL) + 0.5) * WORD;
    }

    /// Standard normal numbers from two words by Box and Muller's transform: of a pair `(w₀, w₁)` of words with even
    /// and odd index, the even element is `√(−2 ln u₀)·sin(2πu₁)` and the odd one `√(−2 ln u₀)·cos(2πu₁)`.
    public static double normal(int even, int odd, boolean second) {
        double radius = Math.sqrt(-2 * Math.log(uniform(even)));
        double angle = 2 * Math.PI * uniform(odd);
        return radius * (second ? Math.cos(angle) : Math.sin(angle));
    }

    /// The smallest unsigned word that [Kernels#dropout] keeps with drop probability `p`, as a long in [0, 2³²].
    public static long keepThreshold(double p) {
        return (long) Math.ceil(p * 0x1p32);
    }
}
