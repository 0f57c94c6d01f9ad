package dev.lorikeet.bench.gpu;

import dev.lorikeet.bench.gpu.Outcome.Status;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Runs one part and listens to it. Whatever it does, this returns in time.
final class PartRun {
    private static final int LAST_LINES = 3;
    private static final int SECONDS_TO_DIE = 5;
    private static final int SECONDS_TO_READ = 60;

    private final PrintWriter log;
    private final List<Map<String, Object>> rows = Collections.synchronizedList(new ArrayList<>());
    private final List<String> last = Collections.synchronizedList(new ArrayList<>());
    private volatile String excuse = "";

    /// @param log gets everything that the part prints and that is no row
    PartRun(PrintWriter log) {
        this.log = log;
    }

    /// Runs `part` for at most `seconds`.
    Outcome run(Part part, double seconds) {
        long start = System.nanoTime();
        log.printf("%n=== %s: %s%n", part.name(), String.join(" ", part.command()));
        Process process;
        try {
            process = new ProcessBuilder(part.command()).redirectErrorStream(true).start();
            process.getOutputStream().close();
        } catch (IOException e) {
            return outcome(part, Status.SKIPPED, e.getMessage(), start);      // a tool that is not there
        }
        Thread listener = Thread.ofPlatform().daemon().start(() -> listen(process, part.excuses()));
        boolean ended = false;
        try {
            ended = process.waitFor((long) (1000 * seconds), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!ended) {
            stop(process);
        }
        join(listener, ended ? SECONDS_TO_READ : SECONDS_TO_DIE);
        log.flush();
        if (!ended) {
            return outcome(part, Status.TIMED_OUT, "stopped after %.0f s".formatted(seconds), start);
        }
        return ended(part, process.exitValue(), start);
    }

    private Outcome ended(Part part, int code, long start) {
        List<Map<String, Object>> failed =
                rows.stream().filter(row -> Boolean.FALSE.equals(row.get("passed"))).toList();
        if (code != 0 && !excuse.isEmpty()) {
            return outcome(part, Status.SKIPPED, excuse, start);
        }
        if (code != 0) {
            return outcome(part, Status.FAILED, "exit code %d: %s".formatted(code, String.join(" | ", last)), start);
        }
        return failed.isEmpty()
                ? outcome(part, Status.PASSED, "", start)
                : outcome(part, Status.FAILED, "%d of %d failed, first: %s".formatted(failed.size(), rows.size(),
                        failed.getFirst()), start);
    }

    private Outcome outcome(Part part, Status status, String message, long start) {
        synchronized (rows) {
            return new Outcome(part.name(), part.about(), status, message, (System.nanoTime() - start) / 1e9, rows);
        }
    }

    private void listen(Process process, List<String> excuses) {
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                log.println(line);
                if (excuses.stream().anyMatch(line::contains)) {
                    excuse = line.strip();
                }
                Rows.of(line).ifPresentOrElse(rows::add, remember(line));
            }
        } catch (IOException | UncheckedIOException e) {
            log.println("(no more of it: " + e.getMessage() + ")");
        }
    }

    private Runnable remember(String line) {
        return () -> {
            if (!line.isBlank()) {
                last.add(line.strip());
                if (last.size() > LAST_LINES) {
                    last.removeFirst();
                }
            }
        };
    }

    /// With everything that it has started.
    private static void stop(Process process) {
        List<ProcessHandle> family = new ArrayList<>(process.descendants().toList());
        family.add(process.toHandle());
        family.forEach(ProcessHandle::destroy);
        try {
            process.waitFor(SECONDS_TO_DIE, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        family.forEach(ProcessHandle::destroyForcibly);
    }

    /// What a part has started and left behind may hold its output open for ever.
    private static void join(Thread listener, int seconds) {
        try {
            listener.join(1000L * seconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
