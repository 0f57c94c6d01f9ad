package dev.lorikeet.bench.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A [PyTorchProcess] that makes the same steps in a math mode, with the frozen weights in a type. It does one thing at
/// a time: to start in another mode ends this one.
final class PyTorchContender implements StepContender {
    private static final int SECONDS_TO_START = 200;
    private static final int SECONDS_TO_RUN = 120;

    private final PyTorchProcess peer;
    private final String mode;
    private final String base;

    /// @param base `f32` or `bf16`
    PyTorchContender(PyTorchProcess peer, String mode, String base) {
        this.peer = peer;
        this.mode = mode;
        this.base = base;
    }

    @Override
    public String name() {
        return peer.name();
    }

    @Override
    public List<Double> start() {
        List<Double> losses = new ArrayList<>();
        peer.ask("mode %s %s".formatted(mode, base), SECONDS_TO_START).get("losses")
                .forEach(loss -> losses.add(loss.asDouble()));
        return losses;
    }

    @Override
    public double run(int count) {
        return peer.ask("run " + count, SECONDS_TO_RUN).get("seconds").asDouble();
    }

    @Override
    public Map<String, Object> memory() {
        JsonNode answer = peer.ask("memory", SECONDS_TO_RUN);
        Map<String, Object> memory = new LinkedHashMap<>();
        if (answer.hasNonNull("reserved")) {
            memory.put("peak", answer.get("reserved").asLong());
            memory.put("allocated", answer.get("allocated").asLong());
        }
        return memory;
    }

    /// The peer keeps its model for the next mode.
    @Override
    public void stop() {}
}
