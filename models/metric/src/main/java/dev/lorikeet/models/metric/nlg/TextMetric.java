package dev.lorikeet.models.metric.nlg;

import java.util.List;

/// Compares texts with references: one formula and one convention of tokens, in one file.
public interface TextMetric {
    /// What the figure is called in tables: `BLEU`, `ROUGE_L`, …
    String name();

    /// @throws IllegalArgumentException if there are no segments
    TextScore of(List<Segment> segments);

    /// @throws IllegalArgumentException if there are none
    static void requireSegments(String metric, List<Segment> segments) {
        if (segments.isEmpty()) {
            throw new IllegalArgumentException(metric + " of no segments: it needs at least one");
        }
    }
}
