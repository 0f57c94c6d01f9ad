package dev.lorikeet.models.metric.nlg;

import dev.lorikeet.models.metric.nlg.MeteorMatch.Stage;
import java.util.List;
import java.util.Set;

/// What METEOR counts, of one segment or of the sum of several: content words and function words apart, of the
/// hypothesis and of the reference.
///
/// @param matched  by [Stage], then content and function words of the hypothesis, content and function words of the
///                 reference
/// @param words    in the same order of four
/// @param chunks   of the alignment
record MeteorCounts(int[][] matched, int[] words, int chunks) {
    private static final double ALPHA = 0.85;
    private static final double BETA = 0.2;
    private static final double GAMMA = 0.6;
    private static final double DELTA = 0.75;

    static MeteorCounts of(
            List<String> hypothesis, List<String> reference, MeteorAlignment alignment, Set<String> functionWords) {
        int[][] matched = new int[Stage.values().length][4];
        for (MeteorMatch match : alignment.matches()) {
            int[] of = matched[match.stage().ordinal()];
            add(of, 0, hypothesis.subList(match.start(), match.start() + match.length()), functionWords);
            add(of, 2, reference.subList(match.other(), match.other() + match.otherSize()), functionWords);
        }
        int[] words = new int[4];
        add(words, 0, hypothesis, functionWords);
        add(words, 2, reference, functionWords);
        return new MeteorCounts(matched, words, alignment.chunks());
    }

    private static void add(int[] counts, int from, List<String> words, Set<String> functionWords) {
        for (String word : words) {
            counts[functionWords.contains(word) ? from + 1 : from]++;
        }
    }

    MeteorCounts plus(MeteorCounts other) {
        int[][] sum = new int[matched.length][];
        for (int stage = 0; stage < sum.length; stage++) {
            sum[stage] = plus(matched[stage], other.matched[stage]);
        }
        return new MeteorCounts(sum, plus(words, other.words), chunks + other.chunks);
    }

    private static int[] plus(int[] one, int[] other) {
        int[] sum = one.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += other[i];
        }
        return sum;
    }

    /// `Fmean = P·R / (α·P + (1 − α)·R)`, and of it `1 − γ·(chunks / matches)^β`. A hypothesis that matches as a whole,
    /// in one chunk, is not penalised.
    double score() {
        double precision = weighted(0) / total(0);
        double recall = weighted(2) / total(2);
        double mean = precision * recall / (ALPHA * precision + (1 - ALPHA) * recall);
        if (!(mean > 0)) {
            return 0;
        }
        int ofHypothesis = matches(0);
        int ofReference = matches(2);
        boolean whole = chunks == 1 && ofHypothesis == words[0] + words[1] && ofReference == words[2] + words[3];
        double fragmentation = whole ? 0 : chunks / ((ofHypothesis + ofReference) / 2.0);
        return mean * (1 - GAMMA * Math.pow(fragmentation, BETA));
    }

    /// Matched words of a side, content and function words together.
    int matches(int from) {
        int sum = 0;
        for (int[] stage : matched) {
            sum += stage[from] + stage[from + 1];
        }
        return sum;
    }

    private double weighted(int from) {
        double sum = 0;
        for (Stage stage : Stage.values()) {
            int[] of = matched[stage.ordinal()];
            sum += stage.weight * (DELTA * of[from] + (1 - DELTA) * of[from + 1]);
        }
        return sum;
    }

    private double total(int from) {
        return DELTA * words[from] + (1 - DELTA) * words[from + 1];
    }
}
