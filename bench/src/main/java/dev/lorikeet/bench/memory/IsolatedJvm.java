package dev.lorikeet.bench.memory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/// A JVM of its own that makes steps and tells its peak.
public final class IsolatedJvm {
    private static final String ANSWER = "peak bytes ";

    private IsolatedJvm() {}

    /// What the child prints as its last line.
    public static String answer(long peakBytes) {
        return ANSWER + peakBytes;
    }

    /// Starts this class path's `main` with `arguments` and waits.
    ///
    /// A small Java heap and the serial collector; system properties are inherited.
    ///
    /// @param heap how the child treats the C library's heap
    /// @return the peak that the child told
    /// @throws IllegalStateException if it failed; the message has what it printed
    public static long peak(Class<?> main, List<String> arguments, NativeHeap heap) {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC", "-Xms16m"));
        command.addAll(heap.options());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("-D"))
                .forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(arguments);
        try {
            ProcessBuilder child = new ProcessBuilder(command).redirectErrorStream(true);
            child.environment().putAll(heap.environment());
            Process process = child.start();
            String output = new String(process.getInputStream().readAllBytes());
            int code = process.waitFor();
            return output.lines()
                    .filter(line -> line.startsWith(ANSWER))
                    .map(line -> Long.parseLong(line.substring(ANSWER.length())))
                    .findFirst()
                    .filter(_ -> code == 0)
                    .orElseThrow(() -> new IllegalStateException(
                            "%s ended with code %d and printed%n%s".formatted(command, code, output)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + command, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + command, e);
        }
    }
}
