package dev.lorikeet.models.verify.golden;

/// The outcome of one comparison.
///
/// @param name      tensor, scalar or fact that was compared
/// @param how       by which way it was computed, or what is wrong; empty if there is nothing to say
/// @param status    outcome
/// @param error     largest absolute difference; NaN if there is none
/// @param tolerance largest allowed difference
/// @param skipped   number of elements that are noise by the manifest
public record Check(String name, String how, Status status, double error, double tolerance, int skipped) {
    /// What became of a comparison.
    public enum Status {
        PASSED,
        FAILED,
        NOT_CHECKED
    }

    /// Differences were measured.
    public static Check measured(String name, String how, double error, double tolerance, int skipped) {
        return new Check(name, how, error <= tolerance ? Status.PASSED : Status.FAILED, error, tolerance, skipped);
    }

    /// Something that is right or wrong.
    public static Check fact(String name, boolean holds, String how) {
        return new Check(name, how, holds ? Status.PASSED : Status.FAILED, holds ? 0 : Double.NaN, 0, 0);
    }

    /// Nobody looked.
    public static Check notChecked(String name, String why) {
        return new Check(name, why, Status.NOT_CHECKED, Double.NaN, Double.NaN, 0);
    }

    public boolean passed() {
        return status == Status.PASSED;
    }
}
