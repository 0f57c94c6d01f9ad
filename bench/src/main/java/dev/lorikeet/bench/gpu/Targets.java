package dev.lorikeet.bench.gpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/// Whether our steps are as much faster and smaller than each peer's as they are to be: at least 1.5 times as fast as
/// PEFT's, 1.1 times as fast as those of `torch.compile`, with half of their peak of memory at most.
final class Targets {
    private static final Map<String, Double> FASTER = Map.of("eager", 1.5, "compiled", 1.1);
    private static final double MEMORY = 0.5;
    private static final String OURS = "lorikeet";

    /// Ours and a peer's result of one race.
    private record Check(RaceResult ours, RaceResult peer) {
        double wanted() {
            return FASTER.get(peer.who());
        }

        boolean fastEnough() {
            return peer.passed() && peer.timesOurs().orElse(0) >= wanted();
        }

        /// Our peak of memory over the peer's, where both are known.
        OptionalDouble memory() {
            return ours.peakMib().isPresent() && peer.peakMib().isPresent()
                    ? OptionalDouble.of(ours.peakMib().getAsDouble() / peer.peakMib().getAsDouble())
                    : OptionalDouble.empty();
        }

        boolean smallEnough() {
            return peer.passed() && memory().orElse(Double.POSITIVE_INFINITY) <= MEMORY;
        }

        /// As it stands in `results.json`.
        Map<String, Object> json() {
            Map<String, Object> json = RaceResult.heading(peer.workload(), peer.mode(), peer.base(), peer.who());
            json.put("computes the same", peer.passed());
            peer.timesOurs().ifPresent(times -> {
                json.put(RaceResult.TIMES_OURS, times);
                json.put("at least", wanted());
                json.put("fast enough", fastEnough());
            });
            memory().ifPresent(share -> {
                json.put("our peak / its", share);
                json.put("at most", MEMORY);
                json.put("small enough", smallEnough());
            });
            return json;
        }

        String line() {
            StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-20s %-5s base %-5s %-9s",
                    peer.workload(), peer.mode(), peer.base(), peer.who()));
            peer.timesOurs().ifPresent(times -> line.append(String.format(Locale.ROOT,
                    " %5.2f x our time (>= %.1f: %s)", times, wanted(), verdict(fastEnough()))));
            memory().ifPresent(share -> line.append(String.format(Locale.ROOT,
                    "  %5.2f of its memory (<= %.1f: %s)", share, MEMORY, verdict(smallEnough()))));
            return line + (peer.passed() ? "" : "  its losses differ") + System.lineSeparator();
        }

        private static String verdict(boolean met) {
            return met ? "met" : "missed";
        }
    }

    private final List<Check> checks = new ArrayList<>();

    Targets(List<Outcome> outcomes) {
        List<RaceResult> results = outcomes.stream().flatMap(one -> one.rows().stream())
                .flatMap(row -> RaceResult.of(row).stream()).toList();
        for (RaceResult peer : results) {
            if (FASTER.containsKey(peer.who())) {
                results.stream().filter(ours -> OURS.equals(ours.who()) && ours.sameRace(peer)).findFirst()
                        .ifPresent(ours -> checks.add(new Check(ours, peer)));
            }
        }
    }

    /// One for each peer's result.
    List<Map<String, Object>> comparisons() {
        return checks.stream().map(Check::json).toList();
    }

    /// A line for each, with what is met and what is missed.
    String table() {
        StringBuilder text = new StringBuilder(checks.isEmpty() ? "" : "targets:%n".formatted());
        checks.forEach(check -> text.append(check.line()));
        return text.toString();
    }
}
