package dev.lorikeet.models.hub;

/// A hub that could not be reached, or that did not answer as a hub does. The message names the model, the address
/// (never the token), what was expected, what was found and what to do.
public final class HubException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    HubException(String message) {
        super(message);
    }

    HubException(String message, Throwable cause) {
        super(message, cause);
    }
}
