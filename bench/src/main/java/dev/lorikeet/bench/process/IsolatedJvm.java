package dev.lorikeet.bench.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A JVM of its own on this one's class path, so that it sees no other work's type profiles, memory or threads.
public final class IsolatedJvm {
    private IsolatedJvm() {}

    /// The command that runs `main` with the serial collector and what tensors need of a JVM.
    ///
    /// @param options of the JVM, besides
    /// @param main    name of the class
    public static List<String> command(List<String> options, String main, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
        command.addAll(arguments);
        return command;
    }

    /// This JVM's system properties (`-D…`), as options for a child.
    public static List<String> systemProperties() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("-D"))
                .toList();
    }

    /// Runs a command and waits.
    ///
    /// @param environment of the child, besides this process's
    /// @return its first answer
    /// @throws IllegalStateException if it failed or gave none; the message has what it printed
    public static String answer(List<String> command, Map<String, String> environment, AnswerLines lines) {
        try {
            ProcessBuilder child = new ProcessBuilder(command).redirectErrorStream(true);
            child.environment().putAll(environment);
            Process process = child.start();
            String output = new String(process.getInputStream().readAllBytes());
            int code = process.waitFor();
            return output.lines()
                    .flatMap(line -> lines.answer(line).stream())
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
