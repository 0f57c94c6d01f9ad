package dev.lorikeet.models.metric.nlg;

import java.util.List;

/// `ROUGE-L = (1 + β²)·P·R / (R + β²·P)`, β = 1.2, mean over segments, where P and R are the longest common subsequence
/// over the words of the hypothesis and of a reference (Lin 2004).
///
/// As the captioning scorers compute it, and the E2E challenge with them: P and R are each the largest over the
/// references, not necessarily of the same one. Summaries are judged by [Rouge].
public final class RougeL implements TextMetric {
    private static final double BETA2 = 1.2 * 1.2;

    private final Words words;

    RougeL(Words words) {
        this.words = words;
    }

    /// Over the Penn Treebank's words without punctuation.
    public static RougeL e2e() {
        return new RougeL(new CaptionWords());
    }

    @Override
    public String name() {
        return "ROUGE_L";
    }

    @Override
    public TextScore of(List<Segment> segments) {
        TextMetric.requireSegments(name(), segments);
        return TextScore.mean(segments.stream().mapToDouble(this::score).toArray(), "");
    }

    private double score(Segment segment) {
        List<String> hypothesis = words.of(segment.hypothesis());
        double precision = 0;
        double recall = 0;
        for (String reference : segment.references()) {
            List<String> expected = words.of(reference);
            int common = Subsequence.longest(hypothesis, expected);
            if (common > 0) {
                precision = Math.max(precision, (double) common / hypothesis.size());
                recall = Math.max(recall, (double) common / expected.size());
            }
        }
        return precision == 0 ? 0 : (1 + BETA2) * precision * recall / (recall + BETA2 * precision);
    }
}
