package dev.lorikeet.models.generate;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.models.HostValues;
import dev.lorikeet.models.LanguageModel;
import dev.lorikeet.nn.KeyValueCache;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.Sequences;
import java.util.Arrays;

/// What both beam searches share: running hypotheses of one prompt over a key-value cache, logits of their next token,
/// the largest of many candidates, and n-grams that may not repeat.
final class Beams implements AutoCloseable {
    private final LanguageModel model;
    private final Pool pool;
    private final KeyValueCache cache;
    private final int count;

    /// @throws IllegalArgumentException if prompt and new tokens are more than the model takes
    Beams(LanguageModel model, Pool pool, int[] prompt, BeamSettings settings) {
        if (prompt.length == 0 || prompt.length + settings.maxTokens() > model.maxPositions()) {
            throw new IllegalArgumentException(
                    "a prompt of %d tokens and %d new ones: the prompt needs at least one, and the model takes %d"
                            .formatted(prompt.length, settings.maxTokens(), model.maxPositions()));
        }
        if (settings.beams() > model.vocabSize()) {
            throw new IllegalArgumentException(
                    "%d beams, but only %d tokens to start them with".formatted(settings.beams(), model.vocabSize()));
        }
        this.model = model;
        this.pool = pool;
        this.count = settings.beams();
        this.cache = model.cache(count, prompt.length + settings.maxTokens());
    }

    /// Logits after the prompt, the same for all beams.
    double[][] start(int[] prompt) {
        int[] ids = new int[count * prompt.length];
        int[] lengths = new int[count];
        for (int beam = 0; beam < count; beam++) {
            System.arraycopy(prompt, 0, ids, beam * prompt.length, prompt.length);
            lengths[beam] = prompt.length;
        }
        return next(ids, Sequences.of(lengths));
    }

    /// Logits after beam `i`, which continues what beam `from[i]` was with `tokens[i]`.
    double[][] advance(int[] from, int[] tokens) {
        cache.reorder(from);
        int[] lengths = new int[count];
        Arrays.fill(lengths, 1);
        return next(tokens, Sequences.of(lengths));
    }

    private double[][] next(int[] ids, Sequences added) {
        try (Tape tape = Tape.inference(pool)) {
            double[] flat = HostValues.doubles(pool.backend(), model.next(tape, ids, added, cache).value());
            int V = model.vocabSize();
            double[][] rows = new double[count][];
            for (int i = 0; i < count; i++) {
                rows[i] = Arrays.copyOfRange(flat, i * V, (i + 1) * V);
            }
            return rows;
        }
    }

    /// `z − ln Σ exp z`.
    static double[] logSoftmax(double[] z) {
        double largest = Arrays.stream(z).max().orElse(0);
        double sum = 0;
        for (double value : z) {
            sum += Math.exp(value - largest);
        }
        double lse = largest + Math.log(sum);
        return Arrays.stream(z).map(value -> value - lse).toArray();
    }

    /// Positions of the `k` largest values, the largest first, the first one on ties.
    static int[] largest(double[] values, int k) {
        int[] best = new int[Math.min(k, values.length)];
        int found = 0;
        for (int i = 0; i < values.length; i++) {
            if (found < best.length || values[i] > values[best[found - 1]]) {
                int at = found < best.length ? found++ : found - 1;
                while (at > 0 && values[i] > values[best[at - 1]]) {
                    best[at] = best[at - 1];
                    at--;
                }
                best[at] = i;
            }
        }
        return best;
    }

    /// Makes impossible every token that would complete an n-gram that `tokens` already has.
    static void forbidRepeats(double[] scores, int[] tokens, int n) {
        if (n == 0 || tokens.length + 1 < n) {
            return;
        }
        int start = tokens.length - (n - 1);
        for (int i = 0; i + n <= tokens.length; i++) {
            if (Arrays.equals(tokens, i, i + n - 1, tokens, start, tokens.length)) {
                scores[tokens[i + n - 1]] = Double.NEGATIVE_INFINITY;
            }
        }
    }

    /// `tokens` with one more.
    static int[] append(int[] tokens, int token) {
        int[] longer = Arrays.copyOf(tokens, tokens.length + 1);
        longer[tokens.length] = token;
        return longer;
    }

    @Override
    public void close() {
        cache.close();
    }
}
