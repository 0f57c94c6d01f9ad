package dev.lorikeet.bench.gpu;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// How somebody came through a race, as far as the suite compares it: what [RaceRows] tells, read back from a row. The
/// names of the row's columns stand here and nowhere else.
///
/// @param workload        such as `gpt2-8x512`
/// @param mode            math mode
/// @param base            type of the frozen weights
/// @param who             a contender's name
/// @param tokensPerSecond real tokens
/// @param timesOurs       median of each round's ratio to our time; empty for ourselves
/// @param peakMib         peak of device memory; empty where nobody knows it
/// @param passed          whether its losses are ours
record RaceResult(
        String workload, String mode, String base, String who, double tokensPerSecond, OptionalDouble timesOurs,
        OptionalDouble peakMib, boolean passed) {
    static final String WORKLOAD = "workload";
    static final String MODE = "mode";
    static final String BASE = "base";
    static final String WHO = "who";
    static final String TOKENS_PER_SECOND = "tokens/s";
    static final String MILLISECONDS = "ms/step";
    static final String QUARTILES = "ms/step, quartiles";
    static final String IN_GRAPHS = "in graphs";
    static final String LOSSES = "losses";
    static final String TIMES_OURS = "times ours";
    static final String LOSSES_APART = "losses apart";
    static final String PASSED = "passed";

    private static final String PEAK = memory("peak");

    /// The column of a kind of memory.
    static String memory(String kind) {
        return kind + ", MiB";
    }

    /// The result in a row; empty if it is a row of something else, or of somebody who did not come through.
    static Optional<RaceResult> of(Map<String, Object> row) {
        return number(row, TOKENS_PER_SECOND).isEmpty() ? Optional.empty() : Optional.of(new RaceResult(
                text(row, WORKLOAD), text(row, MODE), text(row, BASE), text(row, WHO),
                number(row, TOKENS_PER_SECOND).getAsDouble(), number(row, TIMES_OURS), number(row, PEAK),
                !Boolean.FALSE.equals(row.get(PASSED))));
    }

    private static String text(Map<String, Object> row, String column) {
        return String.valueOf(row.get(column));
    }

    private static OptionalDouble number(Map<String, Object> row, String column) {
        return row.get(column) instanceof Number number ? OptionalDouble.of(number.doubleValue())
                : OptionalDouble.empty();
    }

    /// The columns that say whose result of which race a row is.
    static Map<String, Object> heading(String workload, String mode, String base, String who) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put(WORKLOAD, workload);
        row.put(MODE, mode);
        row.put(BASE, base);
        row.put(WHO, who);
        return row;
    }

    /// Whether both ran in turns with each other.
    boolean sameRace(RaceResult other) {
        return workload.equals(other.workload) && mode.equals(other.mode) && base.equals(other.base);
    }
}
