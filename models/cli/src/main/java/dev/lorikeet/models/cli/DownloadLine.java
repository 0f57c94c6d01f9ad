package dev.lorikeet.models.cli;

import dev.lorikeet.models.hub.PullListener;
import java.io.PrintWriter;
import java.util.Locale;

/// Shows how a download goes: a bar over all files that is redrawn in place on a terminal, a line now and then
/// elsewhere.
///
/// ```text
/// model.safetensors [#########---------------]  208/548 MB  24.1 MB/s  0:14 left
/// ```
final class DownloadLine implements PullListener {
    private static final int WIDTH = 24;
    private static final long TERMINAL_NANOS = 100_000_000L;
    private static final long LOG_NANOS = 10_000_000_000L;
    private static final double MEGA = 1e6;

    private final PrintWriter out;
    private final boolean terminal;
    private long total;
    private long start;
    private long lastDrawn;
    private long done;
    private long fetched;
    private String name = "";
    private long current;

    DownloadLine(PrintWriter out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    @Override
    public void onStart(long bytes) {
        total = bytes;
        start = System.nanoTime();
        lastDrawn = start;
    }

    @Override
    public void onFile(String file, long present, long size) {
        name = file;
        current = present;
        done += present;
    }

    @Override
    public void onBytes(long present) {
        done += present - current;
        fetched += Math.max(0, present - current);
        current = present;
        long now = System.nanoTime();
        if (now - lastDrawn >= (terminal ? TERMINAL_NANOS : LOG_NANOS) || done == total) {
            lastDrawn = now;
            draw((now - start) / 1e9);
        }
    }

    /// @param seconds since the start
    private void draw(double seconds) {
        int filled = (int) (WIDTH * Math.min(1, (double) done / total));
        double rate = fetched / Math.max(1e-9, seconds);
        String line = String.format(Locale.ROOT, "%s [%s%s] %,.0f/%,.0f MB  %,.1f MB/s  %s left", name,
                "#".repeat(filled), "-".repeat(WIDTH - filled), done / MEGA, total / MEGA, rate / MEGA,
                ProgressLine.clock((total - done) / Math.max(1, rate)));
        out.print(terminal ? "\r\u001b[K" + line + (done == total ? System.lineSeparator() : "")
                : line + System.lineSeparator());
        out.flush();
    }

    @Override
    public void onNote(String note) {
        out.println((terminal ? "\r\u001b[K" : "") + note);
    }
}
