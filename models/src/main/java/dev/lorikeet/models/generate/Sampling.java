package dev.lorikeet.models.generate;

import dev.lorikeet.tensor.Philox;
import dev.lorikeet.tensor.RandomKey;
import java.util.Arrays;

/// How the next token is chosen from logits `z`.
///
/// With temperature 0 the largest logit wins, the first one on ties. Otherwise a token is drawn from `softmax(z/T)`
/// among the `topK` likeliest (0: all) and, of those, the smallest set whose probabilities sum to at least `topP`.
///
/// @param temperature `T`, 0 for greedy
/// @param topK        at most this many candidates; 0 for no limit
/// @param topP        probability mass of the candidates, in (0, 1]
/// @param seed        of the draws
public record Sampling(double temperature, int topK, double topP, long seed) {
    public Sampling {
        if (!(temperature >= 0) || Double.isInfinite(temperature)) {
            throw new IllegalArgumentException("temperature must be >= 0, was " + temperature);
        }
        if (topK < 0) {
            throw new IllegalArgumentException("top-k must be >= 0, was " + topK);
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException("top-p must be in (0, 1], was " + topP);
        }
    }

    /// Always the likeliest token.
    public static Sampling greedy() {
        return new Sampling(0, 0, 1, 0);
    }

    /// Whether there is nothing to draw.
    public boolean isGreedy() {
        return temperature == 0;
    }

    /// The next token of one sequence.
    ///
    /// @param probabilities of every token of the vocabulary, `softmax(z/T)`
    /// @param sequence      which sequence of the batch this is; each has its own random stream
    /// @param position      how many tokens have been generated before
    public int draw(double[] probabilities, int sequence, int position) {
        double u = Philox.uniform(Philox.word(new RandomKey(seed, sequence), position));
        if (topK == 0 && topP == 1) {
            return pick(u, probabilities, null, probabilities.length);
        }
        int[] candidates = candidates(probabilities);
        return pick(u, probabilities, candidates, candidates.length);
    }

    /// Whoever is kept, the likeliest first.
    private int[] candidates(double[] probabilities) {
        TokenHeap likeliest = new TokenHeap(probabilities);
        boolean limited = topK > 0 && topK < probabilities.length;
        int[] tokens = new int[limited ? topK : probabilities.length];
        double total = 0;
        if (limited) {
            for (int i = 0; i < topK; i++) {
                tokens[i] = likeliest.next();
                total += probabilities[tokens[i]];
            }
        } else {
            for (double probability : probabilities) {
                total += probability;
            }
        }
        int kept = 0;
        double mass = 0;
        while (kept < tokens.length && (kept == 0 || mass < topP * total)) {
            tokens[kept] = limited ? tokens[kept] : likeliest.next();
            mass += probabilities[tokens[kept++]];
        }
        return Arrays.copyOf(tokens, kept);
    }

    /// The candidate in which `u` of the mass of all is reached.
    ///
    /// @param candidates null for every token in turn
    private static int pick(double u, double[] probabilities, int[] candidates, int count) {
        double mass = 0;
        for (int i = 0; i < count; i++) {
            mass += probabilities[candidates == null ? i : candidates[i]];
        }
        double rest = u * mass;
        int last = candidates == null ? 0 : candidates[0];
        for (int i = 0; i < count && rest > 0; i++) {
            last = candidates == null ? i : candidates[i];
            rest -= probabilities[last];
        }
        return last;
    }
}
