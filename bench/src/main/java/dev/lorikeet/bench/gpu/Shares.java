package dev.lorikeet.bench.gpu;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// How near each kernel comes to the ceilings that were measured in the same run: of the bytes that must be moved or of
/// the operations, whichever takes longer at the ceiling. A ceiling is the best that anybody reached.
final class Shares {
    private static final int SLOWEST = 8;

    private final Map<String, Double> ceilings = new LinkedHashMap<>();
    private final Map<String, List<String>> told = new LinkedHashMap<>();
    private final List<Map<String, Object>> kernels = new ArrayList<>();

    Shares(List<Outcome> outcomes) {
        for (Outcome outcome : outcomes) {
            for (Map<String, Object> row : outcome.rows()) {
                if (row.get("ceiling") instanceof String name) {
                    double rate = name.equals(CeilingPart.COPY)
                            ? 1e9 * number(row, "GB/s") : 1e12 * number(row, "TFLOP/s");
                    ceilings.merge(name, rate, Math::max);
                    told.computeIfAbsent(name, _ -> new ArrayList<>()).add(name.equals(CeilingPart.COPY)
                            ? String.format(Locale.ROOT, "%s %.0f GB/s", row.get("who"), rate / 1e9)
                            : String.format(Locale.ROOT, "%s %.1f TFLOP/s", row.get("who"), rate / 1e12));
                }
            }
        }
        outcomes.forEach(outcome -> with(outcome.rows()).stream()
                .filter(row -> row.get("share") instanceof Double).forEach(kernels::add));
    }

    private static double number(Map<String, Object> row, String key) {
        return row.get(key) instanceof Number number ? number.doubleValue() : Double.NaN;
    }

    /// The rows, those of kernels with their limit and the share of it that was reached.
    List<Map<String, Object>> with(List<Map<String, Object>> rows) {
        return rows.stream().map(row -> row.containsKey("kernel") ? with(row) : row).toList();
    }

    private Map<String, Object> with(Map<String, Object> row) {
        double moving = number(row, "bytes") / ceilings.getOrDefault(CeilingPart.COPY, Double.NaN);
        double computing = number(row, "flops")
                / ceilings.getOrDefault(CeilingPart.PRODUCT + row.get("mode"), Double.NaN);
        double least = Double.isNaN(computing) ? moving : Math.max(moving, computing);
        if (Double.isNaN(least)) {
            return row;
        }
        Map<String, Object> whole = new LinkedHashMap<>(row);
        whole.put("limit", computing > moving ? "arithmetic" : "memory");
        whole.put("share", least / number(row, "seconds"));
        return whole;
    }

    /// A line for each ceiling: who reached what.
    String ceilings() {
        StringBuilder text = new StringBuilder();
        told.forEach((name, whose) -> text.append(
                String.format(Locale.ROOT, "ceiling: %-13s %s%n", name, String.join(", ", whose))));
        return text.toString();
    }

    /// The kernels that are farthest from their ceilings.
    String slowest() {
        StringBuilder text = new StringBuilder();
        kernels.stream().sorted(Comparator.comparingDouble(row -> (Double) row.get("share"))).limit(SLOWEST)
                .forEach(row -> text.append(String.format(Locale.ROOT, "%-40s %-5s %9.1f us  %3.0f%% of %s%n",
                        row.get("kernel"), row.get("mode"), 1e6 * number(row, "seconds"),
                        100 * number(row, "share"), row.get("limit"))));
        return text.isEmpty() ? "" : "farthest from their ceilings:%n".formatted() + text;
    }
}
