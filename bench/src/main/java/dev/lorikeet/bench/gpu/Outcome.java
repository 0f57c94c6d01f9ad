package dev.lorikeet.bench.gpu;

import java.util.List;
import java.util.Map;

/// What became of a part.
///
/// @param part    its name
/// @param about   what it was to find out
/// @param status  how it ended
/// @param message why it did not pass; empty if it did
/// @param seconds how long it took
/// @param rows    what it found, in order
public record Outcome(String part, String about, Status status, String message, double seconds,
        List<Map<String, Object>> rows) {
    /// How a part ended.
    public enum Status {
        /// It ended well, and none of its rows has failed.
        PASSED,
        /// It ended with an error, or one of its rows has `passed` false.
        FAILED,
        /// It was stopped, because its time was over.
        TIMED_OUT,
        /// It was not started.
        SKIPPED
    }

    public Outcome {
        rows = List.copyOf(rows);
    }

    static Outcome skipped(Part part, String why) {
        return new Outcome(part.name(), part.about(), Status.SKIPPED, why, 0, List.of());
    }
}
