package dev.lorikeet.models.metric.nlg;

import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// What BLEU counts, of one segment or of the sum of several.
///
/// @param matches   by order, from 1: clipped to the largest count in one reference
/// @param totals    by order: of the hypothesis
/// @param length    of the hypothesis, in words
/// @param reference length of the reference that is closest in length; the shorter of two that are equally close
record BleuCounts(long[] matches, long[] totals, long length, long reference) {
    static BleuCounts of(List<String> hypothesis, List<List<String>> references, int order) {
        long[] matches = new long[order];
        long[] totals = new long[order];
        for (int n = 1; n <= order; n++) {
            Map<String, Integer> allowed = NGrams.largest(references, n);
            for (Map.Entry<String, Integer> gram : NGrams.of(hypothesis, n).entrySet()) {
                matches[n - 1] += Math.min(gram.getValue(), allowed.getOrDefault(gram.getKey(), 0));
            }
            totals[n - 1] = NGrams.total(hypothesis.size(), n);
        }
        int closest = references.stream().map(List::size)
                .min(Comparator.comparingInt((Integer size) -> Math.abs(size - hypothesis.size()))
                        .thenComparing(Comparator.naturalOrder()))
                .orElse(0);
        return new BleuCounts(matches, totals, hypothesis.size(), closest);
    }

    BleuCounts plus(BleuCounts other) {
        long[] sumMatches = matches.clone();
        long[] sumTotals = totals.clone();
        for (int i = 0; i < sumMatches.length; i++) {
            sumMatches[i] += other.matches[i];
            sumTotals[i] += other.totals[i];
        }
        return new BleuCounts(sumMatches, sumTotals, length + other.length, reference + other.reference);
    }
}
