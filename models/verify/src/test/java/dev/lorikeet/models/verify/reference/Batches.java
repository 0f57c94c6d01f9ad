package dev.lorikeet.models.verify.reference;

import java.util.Random;

/// Batches of random tokens, padded and masked in several ways.
final class Batches {
    /// Where the mask hides tokens.
    enum Padding {
        /// Behind shorter texts.
        RIGHT,
        /// Before shorter texts.
        LEFT,
        /// Behind them, and some tokens inside of them.
        HOLES,
        /// Behind them, and one text as a whole.
        EMPTY_ROW
    }

    private Batches() {}

    /// @param labels how many classes; 1 for regression, 0 for labels of tokens
    static PaddedBatch of(ReferenceBase base, int labels, Padding padding) {
        int B = 4;
        int T = 9;
        int vocabulary = base.config().get("vocab_size").asInt();
        int pad = base.config().path("pad_token_id").asInt(0);
        Random random = new Random(17L * labels + padding.ordinal());
        int[][] ids = new int[B][T];
        boolean[][] mask = new boolean[B][T];
        double[] tokens = new double[B * T];
        for (int s = 0; s < B; s++) {
            int length = padding == Padding.EMPTY_ROW && s == 2 ? 0 : T - 2 * s;
            for (int t = 0; t < T; t++) {
                boolean text = padding == Padding.LEFT ? t >= T - length : t < length;
                ids[s][t] = text ? 3 + random.nextInt(vocabulary - 3) : pad;
                // the first token of a GPT-2 text sees only itself
                boolean hidden = padding == Padding.HOLES && (t + s) % 4 == 1 && !(base.conv1d() && t == 0);
                mask[s][t] = text && !hidden;
                boolean labelled = base.conv1d() || random.nextInt(3) == 0 || t == T - 2 && text;
                // what follows the padding on the left would be predicted by a place that sees nothing
                boolean first = padding == Padding.LEFT && base.conv1d() && t == T - length;
                tokens[s * T + t] = text && labelled && !first ? ids[s][t] : -100;
                if (text && labelled && !base.conv1d()) {
                    ids[s][t] = random.nextBoolean() ? 2 : ids[s][t];
                }
            }
        }
        double[] classes = new double[B];
        for (int s = 0; s < B; s++) {
            classes[s] = labels == 1 ? (float) (random.nextGaussian() + 0.25) : random.nextInt(Math.max(1, labels));
            if (padding == Padding.EMPTY_ROW && s == 2) {
                classes[s] = -100;
            }
        }
        return new PaddedBatch(ids, mask, labels > 0 ? classes : tokens);
    }
}
