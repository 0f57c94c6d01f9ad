package dev.lorikeet.models.hub;

import java.time.Duration;

/// A failure that may be over when the request is made again: a dropped connection, a busy server.
final class TransientException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Duration retryAfter;
    private final boolean progressed;

    private TransientException(String message, Duration retryAfter, boolean progressed, Throwable cause) {
        super(message, cause);
        this.retryAfter = retryAfter;
        this.progressed = progressed;
    }

    /// @param retryAfter how long the server asked to wait, or null
    static TransientException busy(String message, Duration retryAfter) {
        return new TransientException(message, retryAfter, false, null);
    }

    /// A connection that failed before it brought anything of use.
    static TransientException failed(String message, Throwable cause) {
        return new TransientException(message, null, false, cause);
    }

    /// A connection that ended too early.
    ///
    /// @param progressed whether it brought enough to count as a fresh start
    static TransientException dropped(String message, boolean progressed, Throwable cause) {
        return new TransientException(message, null, progressed, cause);
    }

    /// How long the server asked to wait, or null.
    Duration retryAfter() {
        return retryAfter;
    }

    boolean progressed() {
        return progressed;
    }
}
