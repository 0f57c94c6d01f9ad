package dev.lorikeet.models.metric.nlg;

import java.util.List;

/// A shortest way to turn one text into another by insertions, deletions and substitutions of words.
///
/// @param distance  how many
/// @param alignedTo by word of the reference: the word of the hypothesis it is aligned to, the last one before it where
///                  it is inserted (−1: before the first)
/// @param wrong     by word of the hypothesis: whether it is deleted or substituted
/// @param missing   by word of the reference: whether it is inserted or substituted
record EditPath(int distance, int[] alignedTo, boolean[] wrong, boolean[] missing) {
    static EditPath of(List<String> hypothesis, List<String> reference) {
        int[][] cost = costs(hypothesis, reference);
        int i = hypothesis.size();
        int j = reference.size();
        EditPath path = new EditPath(cost[i][j], new int[j], new boolean[i], new boolean[j]);
        while (i > 0 || j > 0) {
            if (i > 0 && j > 0 && cost[i][j] == cost[i - 1][j - 1]
                    + (hypothesis.get(i - 1).equals(reference.get(j - 1)) ? 0 : 1)) {
                path.alignedTo[--j] = --i;
                boolean differ = !hypothesis.get(i).equals(reference.get(j));
                path.wrong[i] = differ;
                path.missing[j] = differ;
            } else if (i > 0 && cost[i][j] == cost[i - 1][j] + 1) {
                path.wrong[--i] = true;
            } else {
                path.alignedTo[--j] = i - 1;
                path.missing[j] = true;
            }
        }
        return path;
    }

    private static int[][] costs(List<String> hypothesis, List<String> reference) {
        int[][] cost = new int[hypothesis.size() + 1][reference.size() + 1];
        for (int i = 0; i <= hypothesis.size(); i++) {
            for (int j = 0; j <= reference.size(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                } else {
                    int same = hypothesis.get(i - 1).equals(reference.get(j - 1)) ? 0 : 1;
                    cost[i][j] = Math.min(cost[i - 1][j - 1] + same, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
                }
            }
        }
        return cost;
    }
}
