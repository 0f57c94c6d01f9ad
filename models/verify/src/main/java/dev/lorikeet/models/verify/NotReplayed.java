package dev.lorikeet.models.verify;

/// Something that a case asks for and that is not built: it counts as not checked. The message says what.
final class NotReplayed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotReplayed(String message) {
        super(message);
    }
}
