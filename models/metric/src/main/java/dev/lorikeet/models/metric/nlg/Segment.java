package dev.lorikeet.models.metric.nlg;

import java.util.List;

/// What a system wrote for one input, and what people wrote for it.
///
/// @param hypothesis the system's text; empty if it wrote nothing
/// @param references at least one; some scorers keep an empty one, others ignore it
public record Segment(String hypothesis, List<String> references) {
    public Segment {
        if (references.isEmpty()) {
            throw new IllegalArgumentException(
                    "a segment needs at least one reference: '%s' has none".formatted(hypothesis));
        }
        references = List.copyOf(references);
    }
}
