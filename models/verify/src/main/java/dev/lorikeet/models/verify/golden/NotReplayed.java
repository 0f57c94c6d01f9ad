package dev.lorikeet.models.verify.golden;

/// Something that a case asks for and that is not built: it counts as not checked. The message says what.
public final class NotReplayed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NotReplayed(String message) {
        super(message);
    }
}
