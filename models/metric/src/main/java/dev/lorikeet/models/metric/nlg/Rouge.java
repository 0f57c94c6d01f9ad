package dev.lorikeet.models.metric.nlg;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// ROUGE for summaries: `F = 2·P·R / (P + R)` of common n-grams (ROUGE-1, ROUGE-2) or of the longest common subsequence
/// (ROUGE-L), the best over the references, mean over segments, 0–1 (Lin 2004).
///
/// Words are runs of a–z and 0–9 in lower case, without stemming, as the `rouge_score` package has it by default.
public final class Rouge implements TextMetric {
    private static final Pattern WORD = Pattern.compile("[a-z0-9]+");

    private final String name;
    private final int order;

    private Rouge(String name, int order) {
        this.name = name;
        this.order = order;
    }

    /// @param order words of an n-gram, at least 1
    public static Rouge n(int order) {
        return new Rouge("ROUGE-" + order, order);
    }

    /// By the longest common subsequence of a whole summary.
    public static Rouge longest() {
        return new Rouge("ROUGE-L", 0);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public TextScore of(List<Segment> segments) {
        TextMetric.requireSegments(name, segments);
        return TextScore.mean(segments.stream().mapToDouble(this::best).toArray(), "");
    }

    private double best(Segment segment) {
        List<String> hypothesis = words(segment.hypothesis());
        return segment.references().stream()
                .mapToDouble(reference -> score(hypothesis, words(reference)))
                .max()
                .orElseThrow();
    }

    private double score(List<String> hypothesis, List<String> reference) {
        int common = order == 0 ? Subsequence.longest(hypothesis, reference) : common(hypothesis, reference);
        if (common == 0) {
            return 0;
        }
        int span = Math.max(order, 1);
        double precision = (double) common / NGrams.total(hypothesis.size(), span);
        double recall = (double) common / NGrams.total(reference.size(), span);
        return 2 * precision * recall / (precision + recall);
    }

    private int common(List<String> hypothesis, List<String> reference) {
        Map<String, Integer> expected = NGrams.of(reference, order);
        return NGrams.of(hypothesis, order).entrySet().stream()
                .mapToInt(gram -> Math.min(gram.getValue(), expected.getOrDefault(gram.getKey(), 0)))
                .sum();
    }

    private static List<String> words(String text) {
        return WORD.matcher(text.toLowerCase(Locale.ROOT)).results().map(MatchResult::group).toList();
    }
}
