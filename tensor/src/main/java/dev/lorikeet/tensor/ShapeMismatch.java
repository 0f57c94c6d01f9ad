package dev.lorikeet.tensor;

/// Two shapes that an operation cannot combine. The message names the operation, both shapes and the reason.
public final class ShapeMismatch extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public ShapeMismatch(String operation, Shape first, Shape second, String reason) {
        super("%s: %s and %s: %s".formatted(operation, first, second, reason));
    }
}
