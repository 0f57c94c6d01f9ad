package dev.lorikeet.models.generate;

import dev.lorikeet.tensor.Philox;
import dev.lorikeet.tensor.RandomKey;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

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

    /// The next token of one sequence.
    ///
    /// @param logits   of every token of the vocabulary
    /// @param sequence which sequence of the batch this is; each has its own random stream
    /// @param position how many tokens have been generated before
    public int choose(double[] logits, int sequence, int position) {
        return temperature == 0 ? argmax(logits) : draw(logits, sequence, position);
    }

    /// Index of the first largest element.
    static int argmax(double[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[best]) {
                best = i;
            }
        }
        return best;
    }

    private int draw(double[] logits, int sequence, int position) {
        int[] order = IntStream.range(0, logits.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -logits[i]))
                .mapToInt(Integer::intValue)
                .limit(topK == 0 ? logits.length : topK)
                .toArray();
        double[] weights =
                Arrays.stream(order).mapToDouble(i -> Math.exp((logits[i] - logits[order[0]]) / temperature)).toArray();
        double total = Arrays.stream(weights).sum();
        int kept = 0;
        double mass = 0;
        while (kept < order.length && (kept == 0 || mass < topP * total)) {
            mass += weights[kept++];
        }
        double u = Philox.uniform(Philox.word(new RandomKey(seed, sequence), position)) * mass;
        for (int i = 0; i < kept; i++) {
            u -= weights[i];
            if (u <= 0) {
                return order[i];
            }
        }
        return order[kept - 1];
    }
}
