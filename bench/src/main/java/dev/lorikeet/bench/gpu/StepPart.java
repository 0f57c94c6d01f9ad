package dev.lorikeet.bench.gpu;

import dev.lorikeet.bench.compare.Spread;
import dev.lorikeet.bench.gpu.Peer.PeerFailed;
import dev.lorikeet.models.Batch;
import dev.lorikeet.nn.BaseType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Training steps of one [Workload] in each math mode: ours, and in turns with it those of the peers, as far as there
/// are any. Tokens per second count real tokens, whoever pads.
final class StepPart implements Measurement {
    private static final int SECONDS_TO_BE_READY = 120;
    private static final double SECONDS_OF_A_ROUND = 0.8;
    private static final int MOST_STEPS = 200;
    private static final double MEBI = 1 << 20;

    @Override
    public void run(PartSettings settings, String name, Rows rows) throws IOException {
        Workload workload = Workload.named(name, settings.size());
        Path folder = Files.createTempDirectory("lorikeet-peer");
        List<Peer> peers = peers(settings, workload, folder, rows);
        try {
            List<Racer> others = new ArrayList<>();
            peers.forEach(peer -> ready(peer, others, rows));
            for (String mode : settings.modes()) {
                race(settings, workload, mode, others, rows);
            }
        } finally {
            peers.forEach(Peer::close);
            PeerFiles.delete(folder);
        }
    }

    /// Processes of the peers, which begin to load what our side has written. None if there is no Python for them.
    private static List<Peer> peers(PartSettings settings, Workload workload, Path folder, Rows rows)
            throws IOException {
        List<Peer> peers = new ArrayList<>();
        if (!hasPeers(settings)) {
            rows.add("workload", workload.name(), "note", "no peer: " + settings.python()
                    + " does not import torch, transformers and safetensors");
            return peers;
        }
        OurRacer writer = new OurRacer(workload, settings, BaseType.STORED);
        try {
            PeerFiles.write(folder, workload, writer.fresh("f32"));
        } finally {
            writer.stop();
        }
        for (String variant : settings.of(List.of("eager"), List.of("eager", "compiled"),
                List.of("eager", "compiled"))) {
            peers.add(new Peer(variant, settings, folder, rows));
        }
        return peers;
    }

    private static boolean hasPeers(PartSettings settings) {
        try {
            Process process = new ProcessBuilder(settings.python(), "-c", "import torch, transformers, safetensors")
                    .redirectErrorStream(true).start();
            process.getOutputStream().close();
            process.getInputStream().readAllBytes();
            return process.waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static void ready(Peer peer, List<Racer> racers, Rows rows) {
        try {
            rows.add("peer", peer.name(), "ready", peer.answer(SECONDS_TO_BE_READY));
            racers.add(new PeerRacer(peer));
        } catch (PeerFailed e) {
            rows.add("peer", peer.name(), "note", e.getMessage());
        }
    }

    private static void race(PartSettings settings, Workload workload, String mode, List<Racer> others, Rows rows) {
        List<Racer> racers = new ArrayList<>();
        racers.add(new OurRacer(workload, settings, BaseType.STORED));
        if (mode.equals("bf16")) {
            racers.add(new OurRacer(workload, settings, BaseType.BF16));
        }
        racers.addAll(others);
        Map<Racer, List<Double>> losses = new LinkedHashMap<>();
        try {
            for (Racer racer : racers) {
                start(racer, workload, mode, losses, rows);
            }
            Map<Racer, List<Double>> seconds = rounds(settings, workload, mode, List.copyOf(losses.keySet()), rows);
            tell(workload, mode, losses, seconds, rows);
        } finally {
            racers.forEach(Racer::stop);
        }
    }

    private static void start(Racer racer, Workload workload, String mode, Map<Racer, List<Double>> losses, Rows rows) {
        try {
            losses.put(racer, racer.start(mode));
        } catch (RuntimeException e) {
            failed(racer, workload, mode, e, rows);
        }
    }

    /// A peer that fails is a remark; that we fail is a failure.
    private static void failed(Racer racer, Workload workload, String mode, RuntimeException e, Rows rows) {
        rows.note(e);
        if (e instanceof PeerFailed) {
            rows.add("workload", workload.name(), "mode", mode, "who", racer.name(), "note", e.getMessage());
        } else {
            rows.add("workload", workload.name(), "mode", mode, "who", racer.name(), "passed", false,
                    "failure", e.toString());
        }
    }

    /// Seconds per step, by round, of everyone who came through.
    private static Map<Racer, List<Double>> rounds(
            PartSettings settings, Workload workload, String mode, List<Racer> racers, Rows rows) {
        Map<Racer, List<Double>> seconds = new LinkedHashMap<>();
        racers.forEach(racer -> seconds.put(racer, new ArrayList<>()));
        int cycle = workload.batches().size();
        int rounds = settings.of(2, 3, 7);
        int steps = 0;
        for (int round = 0; round < rounds; round++) {
            for (Racer racer : List.copyOf(seconds.keySet())) {
                try {
                    if (steps == 0) {
                        steps = settings.size() == Size.TINY ? 1 : steps(racer, cycle);
                    }
                    if (round == 0) {
                        racer.run(Math.max(1, steps / 4));
                    }
                    seconds.get(racer).add(racer.run(steps) / steps);
                } catch (RuntimeException e) {
                    failed(racer, workload, mode, e, rows);
                    seconds.remove(racer);
                }
            }
        }
        return seconds;
    }

    /// As many as fit into a round, whole cycles of batches; everyone makes as many as the first.
    private static int steps(Racer first, int cycle) {
        double one = first.run(cycle) / cycle;
        int fitting = (int) Math.clamp(SECONDS_OF_A_ROUND / one, 1, MOST_STEPS);
        return (fitting + cycle - 1) / cycle * cycle;
    }

    private static void tell(Workload workload, String mode, Map<Racer, List<Double>> losses,
            Map<Racer, List<Double>> seconds, Rows rows) {
        double tokens = workload.batches().stream().mapToInt(Batch::tokens).average().orElseThrow();
        Racer ours = seconds.keySet().stream().filter(OurRacer.class::isInstance).findFirst().orElse(null);
        seconds.forEach((racer, times) -> {
            Spread spread = Spread.of(times);
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("workload", workload.name());
            row.put("mode", mode);
            row.put("who", racer.name());
            row.put("tokens/s", tokens / spread.median());
            row.put("ms/step", 1e3 * spread.median());
            row.put("ms/step, quartiles", List.of(1e3 * spread.low(), 1e3 * spread.high()));
            if (ours != null && racer != ours) {
                row.put("times ours", ratio(times, seconds.get(ours)));
            }
            row.put("losses", losses.get(racer));
            try {
                racer.memory().forEach((what, bytes) -> row.put(what + ", MiB", ((Number) bytes).doubleValue() / MEBI));
            } catch (RuntimeException e) {
                rows.note(e);
                row.put("note", "memory: " + e.getMessage());
            }
            rows.add(row);
        });
    }

    /// The median of each round's ratio.
    private static double ratio(List<Double> times, List<Double> ours) {
        double[] ratios = new double[Math.min(times.size(), ours.size())];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = times.get(i) / ours.get(i);
        }
        return Spread.of(ratios).median();
    }
}
