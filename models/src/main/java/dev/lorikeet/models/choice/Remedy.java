package dev.lorikeet.models.choice;

import java.util.List;

/// A failure that other choices may prevent. The message says what happened in the words of the library; whoever let
/// a person make the choices (a command line, a form) adds what they are called there.
public interface Remedy {
    /// Names of the choices as this library calls them: `batch`, `maxLength`, `lr`.
    List<String> choices();
}
