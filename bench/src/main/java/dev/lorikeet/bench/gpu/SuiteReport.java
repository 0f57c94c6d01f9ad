package dev.lorikeet.bench.gpu;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.lorikeet.bench.gpu.Outcome.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// What all parts have found, as JSON, as a page, and as the few lines that a reader wants first.
public final class SuiteReport {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    /// What is known of the machine in one word each, as [DevicePart] tells it.
    private static final List<String> FACTS = List.of("device", DevicePart.DRIVER, "CUDA of the driver", "cuBLAS",
            "NVRTC", "machine", "peers");
    private static final Set<String> LONG = Set.of(RaceResult.LOSSES, "ready", "seconds, quartiles",
            RaceResult.QUARTILES);

    private final List<Outcome> outcomes;
    private final String command;
    private final Shares shares;
    private final Targets targets;

    public SuiteReport(List<Outcome> outcomes, String command) {
        this.outcomes = List.copyOf(outcomes);
        this.command = command;
        this.shares = new Shares(outcomes);
        this.targets = new Targets(outcomes);
    }

    /// Writes `results.json` and `report.md`, each in one piece.
    public void write(Path folder) throws IOException {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("date", LocalDate.now().toString());
        all.put("command", command);
        FACTS.forEach(name -> all.put(name, fact(name).orElse("unknown")));
        all.put("math modes", outcomes.stream().flatMap(one -> one.rows().stream()).map(row -> row.get("mode"))
                .filter(Objects::nonNull).distinct().toList());
        all.put("targets", targets.comparisons());
        all.put("parts", outcomes);
        replace(folder.resolve("results.json"), JSON.writeValueAsString(all));
        replace(folder.resolve("report.md"), page());
    }

    private static void replace(Path file, String text) throws IOException {
        Path made = file.resolveSibling(file.getFileName() + ".made");
        Files.writeString(made, text);
        Files.move(made, file, StandardCopyOption.REPLACE_EXISTING);
    }

    /// `2026-11-21`, what the device is called, and its driver.
    public String title() {
        return "%s, %s, driver %s, CUDA %s".formatted(LocalDate.now(),
                fact("name").orElse(fact("device").orElse("unknown device")), fact(DevicePart.DRIVER).orElse("unknown"),
                fact("CUDA of the driver").orElse("unknown"));
    }

    private Optional<String> fact(String name) {
        return outcomes.stream().filter(one -> one.part().equals("device"))
                .flatMap(one -> one.rows().stream())
                .filter(row -> name.equals(row.get("fact")))
                .map(row -> String.valueOf(row.get("value")))
                .findFirst();
    }

    private String page() {
        StringBuilder page = new StringBuilder("# %s%n%n".formatted(title()));
        page.append("`%s`%n%n```text%n%s```%n".formatted(command, table()));
        for (Outcome outcome : outcomes) {
            page.append("%n## %s%n%n%s. %s, %.0f s%s%n".formatted(outcome.part(), outcome.about(),
                    outcome.status().toString().toLowerCase(Locale.ROOT).replace('_', ' '), outcome.seconds(),
                    outcome.message().isEmpty() ? "." : ": " + outcome.message()));
            page.append(rows(shares.with(outcome.rows())));
        }
        return page.toString();
    }

    private static String rows(List<Map<String, Object>> rows) {
        if (rows.isEmpty()) {
            return "";
        }
        Set<String> columns = new LinkedHashSet<>();
        rows.forEach(row -> columns.addAll(row.keySet()));
        columns.removeAll(LONG);
        StringBuilder text = new StringBuilder("\n| " + String.join(" | ", columns) + " |\n|");
        text.append("---|".repeat(columns.size())).append('\n');
        for (Map<String, Object> row : rows) {
            List<String> cells = new ArrayList<>();
            columns.forEach(column -> cells.add(cell(row.get(column))));
            text.append("| ").append(String.join(" | ", cells)).append(" |\n");
        }
        return text.toString();
    }

    private static String cell(Object value) {
        return switch (value) {
            case null -> "";
            case Double number -> number(number);
            case Collection<?> _ -> "";
            default -> value.toString().replace("|", "\\|").replace("\n", " ");
        };
    }

    private static String number(double value) {
        double size = Math.abs(value);
        if (size >= 1000 && size < 1e15) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        return size == 0 || size >= 0.01 && size < 1000
                ? String.format(Locale.ROOT, "%.3g", value) : String.format(Locale.ROOT, "%.2e", value);
    }

    /// How every part ended, then the figures that matter: ceilings, the kernels farthest from them, steps against the
    /// peers; last, which targets are met.
    public String table() {
        StringBuilder text = new StringBuilder();
        for (Outcome one : outcomes) {
            long failed = one.rows().stream().filter(row -> Boolean.FALSE.equals(row.get("passed"))).count();
            text.append(String.format(Locale.ROOT, "%-28s %-9s %4d rows, %d failed%s%n", one.part(),
                    one.status().toString().toLowerCase(Locale.ROOT).replace('_', ' '), one.rows().size(), failed,
                    one.status() == Status.SKIPPED ? ": " + one.message() : ""));
        }
        text.append(shares.ceilings()).append(shares.slowest());
        outcomes.stream().flatMap(one -> one.rows().stream()).flatMap(row -> RaceResult.of(row).stream())
                .forEach(result -> text.append(step(result)));
        return text.append(targets.table()).toString();
    }

    private static String step(RaceResult result) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-20s %-5s base %-5s %-26s %,10.0f tokens/s",
                result.workload(), result.mode(), result.base(), result.who(), result.tokensPerSecond()));
        result.peakMib().ifPresent(peak -> line.append(String.format(Locale.ROOT, " %,8.0f MiB", peak)));
        result.timesOurs().ifPresent(
                ratio -> line.append(String.format(Locale.ROOT, "  %.2f x our time", ratio)));
        return line.append(System.lineSeparator()).toString();
    }
}
