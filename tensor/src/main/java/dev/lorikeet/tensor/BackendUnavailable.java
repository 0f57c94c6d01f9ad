package dev.lorikeet.tensor;

/// A backend that does not exist or cannot run on this machine. The message says why and what there is instead.
public final class BackendUnavailable extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public BackendUnavailable(String message) {
        super(message);
    }

    public BackendUnavailable(String message, Throwable cause) {
        super(message, cause);
    }
}
