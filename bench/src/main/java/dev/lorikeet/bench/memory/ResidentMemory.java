package dev.lorikeet.bench.memory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What Linux says about the memory of a process.
public final class ResidentMemory {
    private static final String PEAK = "VmHWM:";

    private ResidentMemory() {}

    /// The most bytes that were resident so far.
    ///
    /// @param status `/proc/self/status`
    /// @throws IllegalStateException if the system does not say
    public static long peakBytes(Path status) {
        try {
            return Files.readAllLines(status).stream()
                    .filter(line -> line.startsWith(PEAK))
                    .map(line -> line.substring(PEAK.length()).replace("kB", "").strip())
                    .mapToLong(kilobytes -> Long.parseLong(kilobytes) * 1024)
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException(status + " has no line " + PEAK));
        } catch (IOException e) {
            throw new UncheckedIOException("peak memory is known on Linux only; cannot read " + status, e);
        }
    }
}
