package dev.lorikeet.models.data;

/// One or two sentences and what is to be said of them.
///
/// @param first  a sentence
/// @param second another one that belongs to it, or null
/// @param label  number of a class, from 0, or a value
public record LabelledSentences(String first, String second, double label) {}
