package dev.lorikeet.models.data;

import java.util.ArrayList;
import java.util.stream.IntStream;

/// Examples that fit into a model, and what that cost.
///
/// @param examples  those with at most so many rows
/// @param truncated how many of them lost their end
/// @param dropped   how many are left out
public record LimitedExamples(Examples examples, int truncated, int dropped) {

    /// Leaves out examples of more than `maxRows` rows.
    ///
    /// @throws IllegalArgumentException if none is left
    public static LimitedExamples drop(Examples examples, int maxRows) {
        return limit(examples, maxRows, false);
    }

    /// Cuts the end off examples of more than `maxRows` rows, as the paper's scripts do. One whose prompt alone fills
    /// the rows has nothing left to learn and is left out.
    ///
    /// @throws IllegalArgumentException if none is left
    public static LimitedExamples truncate(Examples examples, int maxRows) {
        return limit(examples, maxRows, true);
    }

    private static LimitedExamples limit(Examples examples, int maxRows, boolean truncate) {
        if (IntStream.range(0, examples.size()).allMatch(i -> examples.rows(i) <= maxRows)) {
            return new LimitedExamples(examples, 0, 0);
        }
        var kept = new ArrayList<Example>(examples.size());
        int truncated = 0;
        int shortest = Integer.MAX_VALUE;
        for (int i = 0; i < examples.size(); i++) {
            Example example = examples.get(i);
            shortest = Math.min(shortest, example.rows());
            if (example.rows() <= maxRows) {
                kept.add(example);
            } else if (truncate && maxRows > 0 && example.promptLength() <= maxRows) {
                kept.add(example.first(maxRows + 1));
                truncated++;
            }
        }
        if (kept.isEmpty()) {
            throw new IllegalArgumentException("none of %d examples fits into %d tokens: the shortest has %d"
                    .formatted(examples.size(), maxRows, shortest));
        }
        return new LimitedExamples(Examples.of(kept), truncated, examples.size() - kept.size());
    }

    /// `12 of 42061 examples cut, 0 left out`
    public String report() {
        return "%d of %d examples cut, %d left out".formatted(truncated, examples.size() + dropped, dropped);
    }
}
