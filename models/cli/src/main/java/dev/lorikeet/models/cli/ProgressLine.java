package dev.lorikeet.models.cli;

import dev.lorikeet.models.train.Evaluation;
import dev.lorikeet.models.train.StepResult;
import dev.lorikeet.models.train.TrainingListener;
import java.io.PrintWriter;
import java.util.Locale;

/// Shows how a run goes: a bar that is redrawn in place on a terminal, a line now and then elsewhere.
///
/// ```text
/// train [######------------------]  250/1000  loss 1.432  3,410 tok/s  0:58 left
/// ```
final class ProgressLine implements TrainingListener {
    private static final int WIDTH = 24;
    private static final double SMOOTHING = 0.9;
    private static final long TERMINAL_NANOS = 100_000_000L;
    private static final long LOG_NANOS = 10_000_000_000L;

    private final PrintWriter out;
    private final boolean terminal;
    private final String label;
    private final long total;
    private final long first;
    private final long start = System.nanoTime();
    private long lastDrawn;
    private double loss = Double.NaN;
    private double tokensPerSecond = Double.NaN;

    /// @param first number of steps made before
    ProgressLine(PrintWriter out, boolean terminal, String label, long first, long total) {
        this.out = out;
        this.terminal = terminal;
        this.label = label;
        this.first = first;
        this.total = total;
    }

    @Override
    public void onStep(StepResult result) {
        loss = mix(loss, result.loss());
        tokensPerSecond = mix(tokensPerSecond, result.tokens() / Math.max(1e-9, result.seconds()));
        long now = System.nanoTime();
        boolean due = now - lastDrawn >= (terminal ? TERMINAL_NANOS : LOG_NANOS);
        if (due || result.step() == total) {
            lastDrawn = now;
            draw(result.step(), now);
        }
    }

    private static double mix(double old, double fresh) {
        return Double.isNaN(old) ? fresh : SMOOTHING * old + (1 - SMOOTHING) * fresh;
    }

    private void draw(long step, long now) {
        int filled = (int) (WIDTH * step / total);
        double left = (now - start) / 1e9 / Math.max(1, step - first) * (total - step);
        String line = String.format(
                Locale.ROOT, "%s [%s%s] %5d/%d  loss %.3f  %,.0f tok/s  %s left",
                label, "#".repeat(filled), "-".repeat(WIDTH - filled), step, total, loss, tokensPerSecond, clock(left));
        out.print(terminal ? "\r\u001b[K" + line + (step == total ? System.lineSeparator() : "")
                : line + System.lineSeparator());
        out.flush();
    }

    @Override
    public void onEvaluation(long step, Evaluation evaluation, boolean best) {
        out.print(terminal ? "\r\u001b[K" : "");
        out.printf("step %d: %s%s%n", step, evaluation, best ? "  (best)" : "");
        out.flush();
    }

    /// `m:ss`, or `h:mm:ss` from an hour on.
    static String clock(double seconds) {
        long s = Math.round(seconds);
        return s < 3600
                ? "%d:%02d".formatted(s / 60, s % 60)
                : "%d:%02d:%02d".formatted(s / 3600, s / 60 % 60, s % 60);
    }
}
