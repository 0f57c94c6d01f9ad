package dev.lorikeet.models.metric.nlg;

import java.util.List;

/// The longest common subsequence of two texts.
final class Subsequence {
    private Subsequence() {}

    static int longest(List<String> one, List<String> other) {
        int[] row = new int[other.size() + 1];
        for (String word : one) {
            int diagonal = 0;
            for (int j = 1; j <= other.size(); j++) {
                int above = row[j];
                row[j] = word.equals(other.get(j - 1)) ? diagonal + 1 : Math.max(above, row[j - 1]);
                diagonal = above;
            }
        }
        return row[other.size()];
    }
}
