package dev.lorikeet.models.hub;

/// A name, revision, endpoint, token or cache that was given and cannot be used. The message says what to give instead.
public final class HubInputException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    HubInputException(String message) {
        super(message);
    }
}
