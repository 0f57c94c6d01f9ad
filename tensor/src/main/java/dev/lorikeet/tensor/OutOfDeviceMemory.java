package dev.lorikeet.tensor;

/// A device had no room for a request. The message names the request and what is free.
public final class OutOfDeviceMemory extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public OutOfDeviceMemory(String message, Throwable cause) {
        super(message, cause);
    }
}
