package dev.lorikeet.bench.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A Python process with a peer's training step, asked line by line and answering with a line of JSON each, so that it
/// can take turns with ours. It waits while it is not asked.
final class Peer implements AutoCloseable {
    private static final String MARK = "peer ";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String END = "";

    private final String name;
    private final Process process;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

    /// Starts `peer/step.py`.
    ///
    /// @param variant `eager` or `compiled`
    /// @param work    the folder of [PeerFiles]
    Peer(String variant, PartSettings settings, Path work, Rows log) throws IOException {
        this.name = variant;
        Path script = settings.peer().resolve("step.py");
        String kind = settings.device().startsWith("cuda:") ? settings.device() : "cpu";
        process = new ProcessBuilder(List.of(
                settings.python(), "-u", script.toString(), variant, work.toString(), kind))
                .redirectErrorStream(true).start();
        Thread.ofPlatform().daemon().start(() -> listen(log));
    }

    private void listen(Rows log) {
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(MARK)) {
                    answers.add(line.substring(MARK.length()));
                } else {
                    log.note(name + ": " + line);
                }
            }
        } catch (IOException e) {
            log.note(e);
        }
        answers.add(END);
    }

    /// `eager` or `compiled`.
    String name() {
        return name;
    }

    /// Its next answer.
    ///
    /// @throws PeerFailed if it says that something failed, ends, or takes longer than `seconds`
    JsonNode answer(double seconds) {
        String line;
        try {
            line = answers.poll((long) (1000 * seconds), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PeerFailed(name + " was interrupted", e);
        }
        if (line == null) {
            throw new PeerFailed("%s did not answer within %.0f s".formatted(name, seconds), null);
        }
        if (line.equals(END)) {
            throw new PeerFailed(name + " has ended", null);
        }
        try {
            JsonNode answer = JSON.readTree(line);
            if (answer.has("failed")) {
                throw new PeerFailed(name + ": " + answer.get("failed").asText(), null);
            }
            return answer;
        } catch (IOException e) {
            throw new PeerFailed(name + " answered " + line, e);
        }
    }

    /// Asks for something and waits for the answer.
    ///
    /// @throws PeerFailed if there is none
    JsonNode ask(String question, double seconds) {
        try {
            OutputStream in = process.getOutputStream();
            in.write((question + "\n").getBytes(StandardCharsets.UTF_8));
            in.flush();
        } catch (IOException e) {
            throw new PeerFailed(name + " does not listen any more", e);
        }
        return answer(seconds);
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /// A peer that cannot be compared with.
    static final class PeerFailed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        PeerFailed(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
