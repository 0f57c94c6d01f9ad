package dev.lorikeet.bench.compare;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/// Measures the contenders of a comparison in turns.
///
/// Each is warmed up and asked how long it takes; then come rounds. In a round every contender has its turn: a pause,
/// one untimed call (which wakes its threads and fills the caches with its data; not if even the fastest contender
/// works for more than a second), then as many timed calls as make a sample. Round `r` begins with contender `r mod n`,
/// so that none always follows the same other one.
///
/// Where each run is the next step of something, all contenders warm up by the same number of runs, in turns, and for
/// as long as they would one by one; then every run is timed.
public final class PairedRun {
    private static final double LONG_SECONDS = 1;

    private final SamplingPlan plan;
    private final Clock clock;

    /// Runs on the machine's clock.
    public PairedRun(SamplingPlan plan) {
        this(plan, Clock.SYSTEM);
    }

    PairedRun(SamplingPlan plan, Clock clock) {
        this.plan = plan;
        this.clock = clock;
    }

    /// Measures one comparison of `suite`.
    ///
    /// @throws IllegalStateException if contenders return different values: they did not do the same work
    public Result measure(String suite, Comparison comparison) {
        try (Contest contest = comparison.contest().get()) {
            List<Turn> turns = contest.contenders().stream().map(Turn::new).toList();
            if (comparison.steps()) {
                warmUpInStep(turns);
            } else {
                turns.forEach(Turn::warmUp);
            }
            boolean wake = !comparison.steps() && turns.stream().anyMatch(turn -> turn.fastest <= LONG_SECONDS);
            requireAgreement(comparison, turns);
            MachineLoad load = new MachineLoad();
            double start = clock.seconds();
            for (int round = 0; round < plan.rounds(); round++) {
                if (round >= plan.minRounds() && clock.seconds() - start > plan.comparisonSeconds()) {
                    break;
                }
                for (int i = 0; i < turns.size(); i++) {
                    turns.get((round + i) % turns.size()).sample(wake);
                }
            }
            double otherCores = load.otherCores();
            requireAgreement(comparison, turns);
            return new Result(suite, comparison.name(), comparison.traits(), comparison.work(),
                    turns.stream().map(Turn::samples).toList(), otherCores,
                    Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        }
    }

    private void warmUpInStep(List<Turn> turns) {
        double start = clock.seconds();
        for (int i = 0; i < 2 || clock.seconds() - start < turns.size() * plan.warmupSeconds(); i++) {
            turns.forEach(Turn::call);
        }
    }

    private static void requireAgreement(Comparison comparison, List<Turn> turns) {
        Turn first = turns.getFirst();
        for (Turn other : turns) {
            for (int i = 0; i < Math.min(first.values.size(), other.values.size()); i++) {
                double a = first.values.get(i);
                double b = other.values.get(i);
                if (!(Math.abs(a - b) <= comparison.tolerance() * Math.max(Math.abs(a), Math.abs(b)))) {
                    throw new IllegalStateException(
                            "%s: run %d of %s returned %s, of %s %s: they do not compute the same (tolerance %s)"
                                    .formatted(comparison.name(), i + 1, first.contender.name(), a,
                                            other.contender.name(), b, comparison.tolerance()));
                }
            }
        }
    }

    /// One contender and what was measured so far.
    private final class Turn {
        private final Contender contender;
        private final List<Double> values = new ArrayList<>();
        private final List<Double> seconds = new ArrayList<>();
        private double fastest = Double.MAX_VALUE;
        private int calls = 1;

        Turn(Contender contender) {
            this.contender = contender;
        }

        void call() {
            double value = contender.run();
            if (values.size() < Samples.VALUES) {
                values.add(value);
            }
        }

        void warmUp() {
            double start = clock.seconds();
            for (int i = 0; i < 2 || clock.seconds() - start < plan.warmupSeconds(); i++) {
                double before = clock.seconds();
                call();
                fastest = Math.min(fastest, clock.seconds() - before);
            }
            calls = (int) Math.clamp(Math.ceil(plan.sampleSeconds() / Math.max(fastest, 1e-8)), 1, 1_000_000);
        }

        void sample(boolean wake) {
            clock.pause(plan.pauseSeconds());
            if (wake) {
                call();
            }
            double before = clock.seconds();
            for (int i = 0; i < calls; i++) {
                call();
            }
            seconds.add((clock.seconds() - before) / calls);
        }

        Samples samples() {
            return new Samples(contender.name(), calls, seconds, values);
        }
    }
}
