package dev.lorikeet.models.metric.nlg;

import java.util.Arrays;

/// A score of a whole corpus and of each segment by itself.
///
/// @param corpus   the figure that is published
/// @param segments the same formula for one segment at a time. For BLEU, NIST, METEOR and TER the corpus' score is not
///                 their mean
/// @param detail   what the figure is made of, in one line, or an empty string
public record TextScore(double corpus, double[] segments, String detail) {
    public TextScore {
        segments = segments.clone();
    }

    static TextScore mean(double[] segments, String detail) {
        return new TextScore(Arrays.stream(segments).average().orElseThrow(), segments, detail);
    }

    @Override
    public double[] segments() {
        return segments.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TextScore score && corpus == score.corpus && Arrays.equals(segments, score.segments)
                && detail.equals(score.detail);
    }

    @Override
    public int hashCode() {
        return Double.hashCode(corpus) * 31 + Arrays.hashCode(segments);
    }
}
