package dev.lorikeet.models.train;

import dev.lorikeet.tensor.io.FormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Writes what happens in a run to `metrics.csv` (one row per step) and `metrics.jsonl` (steps and evaluations). Rows
/// are flushed as they come; a resumed run first drops the rows after the step that it resumes from.
public final class MetricsLog implements TrainingListener {
    /// Name of the file with steps and evaluations.
    public static final String EVENTS = "metrics.jsonl";

    private static final String HEADER = "step,loss,lr,grad_norm,tokens,labelled,seconds";

    private static final Pattern ROW = Pattern.compile("^(\\d{1,18}),");
    private static final Pattern EVENT = Pattern.compile("\"step\":(\\d{1,18})");

    private final Path csv;
    private final Path jsonl;

    /// @param directory where the two files go
    /// @param fromStep  number of steps already made; 0 starts the files anew
    public MetricsLog(Path directory, long fromStep) {
        csv = directory.resolve("metrics.csv");
        jsonl = directory.resolve(EVENTS);
        List<String> rows = new ArrayList<>(List.of(HEADER));
        keep(csv, rows, line -> !line.startsWith("step,") && stepOf(csv, ROW, line) <= fromStep, fromStep);
        List<String> events = new ArrayList<>();
        keep(jsonl, events, line -> stepOf(jsonl, EVENT, line) <= fromStep, fromStep);
        rewrite(csv, rows);
        rewrite(jsonl, events);
    }

    private static void keep(
            Path file, List<String> kept, Predicate<String> wanted, long fromStep) {
        if (fromStep > 0 && Files.exists(file)) {
            try {
                Files.readAllLines(file).stream().filter(line -> isWhole(line) && wanted.test(line)).forEach(kept::add);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + file, e);
            }
        }
    }

    /// A line that a killed run has not written to its end is dropped.
    private static boolean isWhole(String line) {
        return line.startsWith("{") ? line.endsWith("}") : line.split(",").length == HEADER.split(",").length;
    }

    private static long stepOf(Path file, Pattern form, String line) {
        Matcher step = form.matcher(line);
        if (!step.find()) {
            throw new FormatException(file, null, "a step in each line", line,
                    "The run's log was changed: mend it, or start anew in another directory.");
        }
        return Long.parseLong(step.group(1));
    }

    @Override
    public void onStep(StepResult r) {
        append(csv, String.format(
                Locale.ROOT, "%d,%.9g,%.6g,%.6g,%d,%d,%.3f",
                r.step(), r.loss(), r.lr(), r.gradNorm(), r.tokens(), r.labelled(), r.seconds()));
        append(jsonl, String.format(
                Locale.ROOT,
                "{\"event\":\"step\",\"step\":%d,\"loss\":%.9g,\"lr\":%.6g,\"grad_norm\":%.6g,\"tokens\":%d,"
                        + "\"labelled\":%d,\"seconds\":%.3f}",
                r.step(), r.loss(), r.lr(), r.gradNorm(), r.tokens(), r.labelled(), r.seconds()));
    }

    @Override
    public void onEvaluation(long step, Evaluation e, boolean best) {
        StringBuilder figures = new StringBuilder();
        e.figures().forEach((name, value) -> figures.append(String.format(Locale.ROOT, "\"%s\":%s,", name,
                Double.isFinite(value) ? number(value) : "null")));
        append(jsonl, String.format(Locale.ROOT, "{\"event\":\"evaluation\",\"step\":%d,%s\"best\":%b}", step,
                figures, best));
    }

    /// Counts without a point, anything else with nine digits.
    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value) : String.format(Locale.ROOT, "%.9g", value);
    }

    private static void append(Path file, String line) {
        try {
            Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    private static void rewrite(Path file, List<String> lines) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.write(file, lines);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }
}
