package dev.lorikeet.models.hub;

import java.time.Duration;

/// How often, and after which pauses, something is tried again. An attempt that brought the download on does not
/// count against the limit, so a large file arrives over a bad line.
final class Retries {
    /// Longer than this nobody waits for a busy hub without being asked.
    static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

    private final int limit;
    private final Pause pause;
    private final PullListener listener;

    /// Lets time pass.
    interface Pause {
        void of(Duration duration) throws InterruptedException;
    }

    /// Something that may fail for a while.
    interface Attempt<T> {
        T run() throws TransientException;
    }

    /// @param limit attempts in a row that may fail after the first
    Retries(int limit, Pause pause, PullListener listener) {
        this.limit = limit;
        this.pause = pause;
        this.listener = listener;
    }

    /// The result of the first attempt that succeeds.
    ///
    /// @throws HubException when the limit is reached
    <T> T run(Attempt<T> attempt) {
        int failures = 0;
        while (true) {
            try {
                return attempt.run();
            } catch (TransientException e) {
                failures = e.progressed() ? 1 : failures + 1;
                if (failures > limit) {
                    throw new HubException("%s; gave up after %d attempts. What was fetched is kept: run the same "
                            .formatted(e.getMessage(), failures) + "command again to go on", e);
                }
                Duration wait = e.retryAfter() == null ? Duration.ofSeconds(1L << (failures - 1)) : e.retryAfter();
                if (wait.compareTo(LONGEST_WAIT) > 0) {
                    throw new HubException("%s and asks to wait for %d seconds; run the same command again then"
                            .formatted(e.getMessage(), wait.toSeconds()), e);
                }
                listener.onNote("%s; trying again in %d s (%d of %d)".formatted(
                        e.getMessage(), wait.toSeconds(), failures, limit));
                pause(wait);
            }
        }
    }

    /// Waits.
    ///
    /// @throws HubException if the thread is interrupted
    void pause(Duration wait) {
        try {
            pause.of(wait);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    static HubException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new HubException("interrupted; what was fetched is kept: run the same command again to go on", e);
    }
}
