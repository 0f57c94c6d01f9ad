package dev.lorikeet.bench.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A [Peer] that makes the same steps.
final class PeerRacer implements Racer {
    private static final int SECONDS_TO_START = 200;
    private static final int SECONDS_TO_RUN = 120;

    private final Peer peer;

    PeerRacer(Peer peer) {
        this.peer = peer;
    }

    @Override
    public String name() {
        return peer.name();
    }

    @Override
    public List<Double> start(String mode) {
        List<Double> losses = new ArrayList<>();
        peer.ask("mode " + mode, SECONDS_TO_START).get("losses").forEach(loss -> losses.add(loss.asDouble()));
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

    /// It keeps its model for the next mode.
    @Override
    public void stop() {}
}
