package dev.lorikeet.models.generate;

/// What a beam search has found.
///
/// @param tokens the new tokens, the ending one included
/// @param score  `log p / length^penalty`
public record Hypothesis(int[] tokens, double score) {}
