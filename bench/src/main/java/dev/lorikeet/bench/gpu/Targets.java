package dev.lorikeet.bench.gpu;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Whether our steps are as much faster and smaller than each peer's as they are to be: at least 1.5 times as fast as
/// PEFT's, 1.1 times as fast as those of `torch.compile`, with half of their peak of memory at most.
final class Targets {
    private static final Map<String, Double> FASTER = Map.of("eager", 1.5, "compiled", 1.1);
    private static final double MEMORY = 0.5;
    private static final String OURS = "lorikeet";
    private static final String PEAK = "peak, MiB";

    private final List<Map<String, Object>> comparisons = new ArrayList<>();

    Targets(List<Outcome> outcomes) {
        List<Map<String, Object>> steps = outcomes.stream().flatMap(one -> one.rows().stream())
                .filter(row -> row.containsKey("tokens/s")).toList();
        for (Map<String, Object> row : steps) {
            if (FASTER.containsKey(String.valueOf(row.get("who")))) {
                steps.stream().filter(ours -> OURS.equals(ours.get("who")) && ofOneRace(ours, row)).findFirst()
                        .ifPresent(ours -> comparisons.add(comparison(ours, row)));
            }
        }
    }

    private static boolean ofOneRace(Map<String, Object> a, Map<String, Object> b) {
        return List.of("workload", "mode", "base").stream()
                .allMatch(key -> String.valueOf(a.get(key)).equals(String.valueOf(b.get(key))));
    }

    private static Map<String, Object> comparison(Map<String, Object> ours, Map<String, Object> peer) {
        Map<String, Object> comparison = new LinkedHashMap<>();
        List.of("workload", "mode", "base", "who").forEach(key -> comparison.put(key, peer.get(key)));
        double wanted = FASTER.get(String.valueOf(peer.get("who")));
        boolean same = !Boolean.FALSE.equals(peer.get("passed"));
        comparison.put("computes the same", same);
        if (peer.get("times ours") instanceof Number times) {
            comparison.put("times ours", times.doubleValue());
            comparison.put("at least", wanted);
            comparison.put("fast enough", same && times.doubleValue() >= wanted);
        }
        if (ours.get(PEAK) instanceof Number mine && peer.get(PEAK) instanceof Number its) {
            double share = mine.doubleValue() / its.doubleValue();
            comparison.put("our peak / its", share);
            comparison.put("at most", MEMORY);
            comparison.put("small enough", same && share <= MEMORY);
        }
        return comparison;
    }

    /// One for each peer's row.
    List<Map<String, Object>> comparisons() {
        return comparisons;
    }

    /// A line for each, with what is met and what is missed.
    String table() {
        if (comparisons.isEmpty()) {
            return "";
        }
        StringBuilder text = new StringBuilder("targets:%n".formatted());
        for (Map<String, Object> one : comparisons) {
            text.append(String.format(Locale.ROOT, "%-20s %-5s base %-5s %-9s", one.get("workload"), one.get("mode"),
                    one.get("base"), one.get("who")));
            text.append(part(one, "times ours", " %5.2f x our time (>= %.1f: ", "at least", "fast enough"));
            text.append(part(one, "our peak / its", "  %5.2f of its memory (<= %.1f: ", "at most", "small enough"));
            text.append(Boolean.FALSE.equals(one.get("computes the same")) ? "  its losses differ" : "");
            text.append(System.lineSeparator());
        }
        return text.toString();
    }

    private static String part(Map<String, Object> one, String what, String format, String wanted, String met) {
        return one.containsKey(what)
                ? String.format(Locale.ROOT, format, one.get(what), one.get(wanted))
                        + (Boolean.TRUE.equals(one.get(met)) ? "met)" : "missed)")
                : "";
    }
}
