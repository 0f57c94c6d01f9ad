package dev.lorikeet.models;

/// The size of a new model.
///
/// @param vocabSize tokens
/// @param longest   the longest sequence, special tokens included
/// @param width     of the hidden rows
/// @param layers    Transformer layers
/// @param heads     attention heads
/// @param endOfText token that ends a text, −1 where the vocabulary has none
public record FreshModel(int vocabSize, int longest, int width, int layers, int heads, int endOfText) {}
