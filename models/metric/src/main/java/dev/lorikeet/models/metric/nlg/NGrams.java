package dev.lorikeet.models.metric.nlg;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Sequences of words that occur in a text, with how often. A sequence is written as its words with blanks between
/// them, which no word contains.
final class NGrams {
    private NGrams() {}

    /// Those of `n` words.
    static Map<String, Integer> of(List<String> words, int n) {
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i + n <= words.size(); i++) {
            counts.merge(String.join(" ", words.subList(i, i + n)), 1, Integer::sum);
        }
        return counts;
    }

    /// How many of them a text with `words` words has.
    static int total(int words, int n) {
        return Math.max(0, words - n + 1);
    }

    /// The largest count of each over several texts.
    static Map<String, Integer> largest(List<List<String>> texts, int n) {
        Map<String, Integer> largest = new HashMap<>();
        for (List<String> text : texts) {
            of(text, n).forEach((gram, count) -> largest.merge(gram, count, Math::max));
        }
        return largest;
    }
}
