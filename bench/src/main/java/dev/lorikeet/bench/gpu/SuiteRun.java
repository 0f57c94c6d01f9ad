package dev.lorikeet.bench.gpu;

import dev.lorikeet.bench.gpu.Outcome.Status;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Runs parts one after the other within a time, and writes all that is known after each of them.
public final class SuiteRun {
    private static final double LEAST_SECONDS = 5;

    private final Path folder;
    private final PrintWriter out;
    private final double seconds;

    /// @param folder  gets `results.json`, `report.md` and `log.txt`
    /// @param out     is told how it goes
    /// @param seconds for everything; a part that finds no time left is skipped
    public SuiteRun(Path folder, PrintWriter out, double seconds) {
        this.folder = folder;
        this.out = out;
        this.seconds = seconds;
    }

    /// Runs those parts of `plan` that match.
    ///
    /// @param patterns see [Plan#matching]
    /// @param command  how the suite was started, for the report
    /// @return what became of each
    public List<Outcome> run(Plan plan, List<String> patterns, String command) throws IOException {
        return run(plan.matching(patterns), command);
    }

    List<Outcome> run(List<Part> parts, String command) throws IOException {
        long start = System.nanoTime();
        Files.createDirectories(folder);
        List<Outcome> outcomes = new ArrayList<>();
        try (PrintWriter log = new PrintWriter(
                Files.newBufferedWriter(folder.resolve("log.txt"), StandardCharsets.UTF_8), true)) {
            for (Part part : parts) {
                double left = seconds - (System.nanoTime() - start) / 1e9;
                Outcome outcome = left < LEAST_SECONDS
                        ? Outcome.skipped(part, "no time was left")
                        : new PartRun(log).run(part, Math.min(left, part.seconds()));
                outcomes.add(outcome);
                out.printf("%-28s %-9s %5.0f s  %s%n", part.name(), outcome.status().toString().toLowerCase(),
                        outcome.seconds(), brief(outcome));
                out.flush();
                new SuiteReport(outcomes, command).write(folder);
            }
        }
        return outcomes;
    }

    private static String brief(Outcome outcome) {
        String text = outcome.status() == Status.PASSED ? outcome.rows().size() + " rows" : outcome.message();
        return text.length() > 150 ? text.substring(0, 150) + "…" : text;
    }
}
