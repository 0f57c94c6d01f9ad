package dev.lorikeet.models.data;

/// A prompt and the text that a model shall write after it.
///
/// @param prompt     given, never trained on
/// @param completion what is to be learned
public record TextPair(String prompt, String completion) {
}
