package dev.lorikeet.lora;

/// A merge was refused; the message names the tensor and says what to do. Nothing has been changed.
public final class MergeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MergeException(String message) {
        super(message);
    }
}
