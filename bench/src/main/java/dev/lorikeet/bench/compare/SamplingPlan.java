package dev.lorikeet.bench.compare;

/// How long and how often a [PairedRun] measures.
///
/// @param rounds            rounds to measure; each contender is timed once per round
/// @param minRounds         rounds to measure even if `comparisonSeconds` has passed
/// @param sampleSeconds     a timed sample repeats short work until it takes about so long
/// @param warmupSeconds     each contender runs untimed for at least so long, and at least twice, beforehand
/// @param pauseSeconds      rest between two contenders
/// @param comparisonSeconds no further round begins once the rounds have taken so long
public record SamplingPlan(int rounds, int minRounds, double sampleSeconds, double warmupSeconds, double pauseSeconds,
        double comparisonSeconds) {
    /// For figures that are quoted. On two busy cores C2 may take a second to get to a kernel: warm-up is not where to
    /// save time.
    public static final SamplingPlan FULL = new SamplingPlan(21, 5, 0.04, 2, 0.02, 60);

    /// For a first look.
    public static final SamplingPlan QUICK = new SamplingPlan(7, 3, 0.02, 1, 0.01, 20);

    public SamplingPlan {
        if (minRounds < 1 || rounds < minRounds) {
            throw new IllegalArgumentException(
                    "rounds (%d) must be >= minRounds (%d) >= 1".formatted(rounds, minRounds));
        }
    }

    /// This plan with another number of rounds.
    public SamplingPlan withRounds(int count) {
        return new SamplingPlan(count, Math.min(count, minRounds), sampleSeconds, warmupSeconds, pauseSeconds,
                comparisonSeconds);
    }
}
