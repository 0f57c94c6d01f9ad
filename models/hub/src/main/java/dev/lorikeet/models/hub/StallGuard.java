package dev.lorikeet.models.hub;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/// Ends a connection that brings nothing for too long: it closes the stream, so that the read that waits for it fails.
final class StallGuard implements AutoCloseable {
    private final InputStream stream;
    private final Duration patience;
    private final Thread watch;
    private volatile long lastProgress = System.nanoTime();
    private volatile boolean stalled;

    StallGuard(InputStream stream, Duration patience) {
        this.stream = stream;
        this.patience = patience;
        this.watch = Thread.ofVirtual().name("stall guard").start(this::watch);
    }

    private void watch() {
        try {
            for (long left = patience.toNanos(); left > 0;
                    left = patience.toNanos() - (System.nanoTime() - lastProgress)) {
                Thread.sleep(Duration.ofNanos(left));
            }
            stalled = true;
            stream.close();
        } catch (InterruptedException _) {
            // the transfer is over
        } catch (IOException _) {
            // the stream is closed either way, which is what was wanted
        }
    }

    /// Tells that bytes have arrived.
    void progress() {
        lastProgress = System.nanoTime();
    }

    /// Whether this has closed the stream.
    boolean hasStalled() {
        return stalled;
    }

    @Override
    public void close() {
        watch.interrupt();
    }
}
