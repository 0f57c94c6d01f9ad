package dev.lorikeet.bench.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.bench.process.AnswerLines;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A Python process that answers with lines of JSON. One with a training step is asked line by line, so that it can
/// take turns with ours; it waits while it is not asked.
final class PyTorchProcess implements AutoCloseable {
    private static final AnswerLines LINES = new AnswerLines("peer ");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String END = "";
    /// Packages without which there is no peer, by those that are missing; to look for them loads none.
    private static final String MISSING = """
            import importlib.util as u
            print(' '.join(p for p in ('torch', 'transformers', 'safetensors') if u.find_spec(p) is None))
            """;

    private final String name;
    private final Process process;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

    /// Why there can be no peer; empty if there may be one.
    static Optional<String> refusal(PartSettings settings) {
        try {
            Process process = new ProcessBuilder(settings.python(), "-c", MISSING).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (process.waitFor() == 0) {
                return said.isEmpty() ? Optional.empty()
                        : Optional.of("no peer: %s has no %s".formatted(settings.python(), said.replace(" ", ", ")));
            }
            return Optional.of("no peer: %s does not work: %s".formatted(settings.python(), said));
        } catch (IOException e) {
            return Optional.of("no peer: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("no peer: interrupted");
        }
    }

    /// Where the peer's tensors are.
    static String device(PartSettings settings) {
        return settings.onGpu() ? settings.device() : "cpu";
    }

    private PyTorchProcess(String name, List<String> command, Rows log) throws IOException {
        this.name = name;
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        Thread.ofPlatform().daemon().start(() -> listen(log));
    }

    /// Starts `peer/step.py`, which waits for questions.
    ///
    /// @param variant `eager` or `compiled`
    /// @param work    the folder of [PyTorchFiles]
    static PyTorchProcess steps(String variant, PartSettings settings, Path work, Rows log) throws IOException {
        return new PyTorchProcess(variant, command(settings, "step.py", variant, work.toString(), device(settings)),
                log);
    }

    /// Starts `peer/ceilings.py`, which answers one by one and ends.
    ///
    /// @param sizes what its arguments are called there
    static PyTorchProcess ceilings(PartSettings settings, int[] sizes, Rows log) throws IOException {
        List<String> command = command(settings, "ceilings.py", device(settings), String.join(",", settings.modes()));
        Arrays.stream(sizes).mapToObj(Integer::toString).forEach(command::add);
        return new PyTorchProcess("PyTorch", command, log);
    }

    private static List<String> command(PartSettings settings, String script, String... arguments) {
        List<String> command = new ArrayList<>(
                List.of(settings.python(), "-u", settings.peer().resolve(script).toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    private void listen(Rows log) {
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String said = line;
                LINES.answer(said).ifPresentOrElse(answers::add, () -> log.note(name + ": " + said));
            }
        } catch (IOException e) {
            log.note(e);
        }
        answers.add(END);
    }

    /// `eager` or `compiled`, or whose library it is.
    String name() {
        return name;
    }

    /// Its next answer.
    ///
    /// @throws PyTorchFailed if it says that something failed, ends, or takes longer than `seconds`
    JsonNode answer(double seconds) {
        return next(seconds).orElseThrow(() -> new PyTorchFailed(name + " has ended", null));
    }

    /// Its next answer; empty if it has ended.
    ///
    /// @throws PyTorchFailed if it says that something failed, or takes longer than `seconds`
    Optional<JsonNode> next(double seconds) {
        String line;
        try {
            line = answers.poll((long) (1000 * seconds), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PyTorchFailed(name + " was interrupted", e);
        }
        if (line == null) {
            throw new PyTorchFailed("%s did not answer within %.0f s".formatted(name, seconds), null);
        }
        if (line.equals(END)) {
            return Optional.empty();
        }
        try {
            JsonNode answer = JSON.readTree(line);
            if (answer.has("failed")) {
                throw new PyTorchFailed(name + ": " + answer.get("failed").asText(), null);
            }
            return Optional.of(answer);
        } catch (IOException e) {
            throw new PyTorchFailed(name + " answered " + line, e);
        }
    }

    /// Asks for something and waits for the answer.
    ///
    /// @throws PyTorchFailed if there is none
    JsonNode ask(String question, double seconds) {
        try {
            OutputStream in = process.getOutputStream();
            in.write((question + "\n").getBytes(StandardCharsets.UTF_8));
            in.flush();
        } catch (IOException e) {
            throw new PyTorchFailed(name + " does not listen any more", e);
        }
        return answer(seconds);
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /// A peer that cannot be compared with.
    static final class PyTorchFailed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        PyTorchFailed(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
