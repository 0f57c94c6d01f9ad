package dev.lorikeet.bench.compare;

import java.util.Map;
import java.util.function.Supplier;

/// One thing to compare: the same work by several contenders.
///
/// @param name      what, unique within its suite: `forward 1024x768x2304`
/// @param work      what one run has to do at least
/// @param tolerance how far the values that contenders return may lie apart, relative to the larger one
/// @param traits    where this comparison stands in a table or a plot, such as `batch=8` or `layout=NT`
/// @param steps     whether a contender's next run is other work than its last one (the next batch), so that all must
///                  have made the same number of runs whenever they are compared
/// @param contest   creates the contenders; called when the comparison begins, closed when it ends
public record Comparison(
        String name, Work work, double tolerance, Map<String, String> traits, boolean steps,
        Supplier<Contest> contest) {
    public Comparison {
        traits = Map.copyOf(traits);
        if (!(tolerance >= 0)) {
            throw new IllegalArgumentException("tolerance must be >= 0, was " + tolerance);
        }
    }

    /// A comparison whose runs are all the same work.
    public Comparison(
            String name, Work work, double tolerance, Map<String, String> traits, Supplier<Contest> contest) {
        this(name, work, tolerance, traits, false, contest);
    }

    /// A comparison without traits, whose runs are all the same work.
    public Comparison(String name, Work work, double tolerance, Supplier<Contest> contest) {
        this(name, work, tolerance, Map.of(), contest);
    }

    /// This comparison with runs that are each the next step.
    public Comparison inStep() {
        return new Comparison(name, work, tolerance, traits, true, contest);
    }
}
