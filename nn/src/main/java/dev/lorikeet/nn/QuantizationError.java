package dev.lorikeet.nn;

import java.util.Locale;

/// The error of keeping a base's matrices in a narrower type.
///
/// @param type     the type
/// @param matrices how many have been rounded; the others were stored like that
/// @param relative `‖W − Ŵ‖/‖W‖` over all of them
/// @param worst    the largest of one matrix
/// @param worstAt  that matrix, or an empty string
public record QuantizationError(BaseDType type, int matrices, double relative, double worst, String worstAt) {
    /// Whether anything was rounded.
    public boolean any() {
        return matrices > 0;
    }

    /// A sentence for people.
    @Override
    public String toString() {
        String name = type.name().toLowerCase(Locale.ROOT);
        return any()
                ? String.format(Locale.ROOT, "base kept in %s: %d matrices rounded, relative error %.2e, at most %.2e "
                        + "(%s)", name, matrices, relative, worst, worstAt)
                : "base kept in %s: nothing had to be rounded".formatted(name);
    }
}
