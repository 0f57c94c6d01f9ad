package dev.lorikeet.bench.gpu;

import dev.lorikeet.bench.compare.Spread;
import dev.lorikeet.bench.gpu.PyTorchProcess.PyTorchFailed;
import dev.lorikeet.nn.BaseDType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Training steps of one [Workload] in each math mode: ours, and in turns with it those of the peers, as far as there
/// are any. Frozen weights are F32; in the mode BF16 there is a race more, with frozen weights in BF16 on both sides.
/// Where steps become CUDA graphs, the same steps launched kernel by kernel race too, on batches that nothing fills up.
final class StepPart implements Measurement {
    private static final int SECONDS_TO_BE_READY = 180;
    private static final double SECONDS_OF_A_ROUND = 0.5;
    private static final int MOST_STEPS = 200;

    @Override
    public void run(PartSettings settings, String name, Rows rows) throws IOException {
        Workload workload = Workload.named(name, settings.size());
        Path folder = Files.createTempDirectory("lorikeet-peer");
        List<PyTorchProcess> peers = peers(settings, workload, folder, rows);
        try {
            List<PyTorchProcess> ready = peers.stream().filter(peer -> ready(peer, rows)).toList();
            for (String mode : settings.modes()) {
                race(settings, new RaceRows(workload, mode, BaseDType.STORED, rows), ready);
                if (mode.equals("bf16")) {
                    race(settings, new RaceRows(workload, mode, BaseDType.BF16, rows), ready);
                }
            }
        } finally {
            peers.forEach(PyTorchProcess::close);
            PyTorchFiles.delete(folder);
        }
    }

    /// Processes of the peers, which begin to load what our side has written. None if there is no Python for them.
    private static List<PyTorchProcess> peers(PartSettings settings, Workload workload, Path folder, Rows rows)
            throws IOException {
        List<PyTorchProcess> peers = new ArrayList<>();
        String refusal = PyTorchProcess.refusal(settings).orElse("");
        if (!refusal.isEmpty()) {
            rows.add("workload", workload.name(), "note", refusal);
            return peers;
        }
        OurContender writer = new OurContender("lorikeet", workload, settings.device(), BaseDType.STORED);
        try {
            PyTorchFiles.write(folder, workload, writer.fresh());
        } finally {
            writer.stop();
        }
        for (String variant : settings.of(List.of("eager"), List.of("eager", "compiled"),
                List.of("eager", "compiled"))) {
            peers.add(PyTorchProcess.steps(variant, settings, folder, rows));
        }
        return peers;
    }

    private static boolean ready(PyTorchProcess peer, Rows rows) {
        try {
            rows.add("peer", peer.name(), "ready", peer.answer(SECONDS_TO_BE_READY));
            return true;
        } catch (PyTorchFailed e) {
            rows.add("peer", peer.name(), "note", e.getMessage());
            return false;
        }
    }

    private static void race(PartSettings settings, RaceRows rows, List<PyTorchProcess> peers) {
        List<StepContender> contenders = contenders(settings, rows, peers);
        Map<StepContender, List<Double>> losses = new LinkedHashMap<>();
        try {
            for (StepContender contender : contenders) {
                try {
                    losses.put(contender, contender.start());
                } catch (RuntimeException e) {
                    rows.failed(contender, e);
                }
            }
            rows.tell(losses, rounds(settings, rows, List.copyOf(losses.keySet())));
        } finally {
            contenders.forEach(StepContender::stop);
        }
    }

    /// Ours first, as it is by default.
    private static List<StepContender> contenders(PartSettings settings, RaceRows rows, List<PyTorchProcess> peers) {
        List<StepContender> contenders = new ArrayList<>();
        contenders.add(new OurContender("lorikeet", rows.workload(), settings.deviceIn(rows.mode()), rows.base()));
        if (settings.hasGraphs()) {
            contenders.add(new OurContender("lorikeet, no graphs", rows.workload(),
                    settings.withoutGraphsIn(rows.mode()),
                    rows.base()));
        }
        if (settings.onGpu() && settings.size() != Size.QUICK) {
            contenders.add(new OurContender("lorikeet, deltas by cuBLAS", rows.workload(),
                    settings.deviceWithCublas(rows.mode()), rows.base()));
        }
        peers.forEach(peer -> contenders.add(new PyTorchContender(peer, rows.mode(), rows.baseName())));
        return contenders;
    }

    /// Seconds per step, by round, of everyone who came through.
    private static Map<StepContender, List<Double>> rounds(PartSettings settings, RaceRows rows,
            List<StepContender> contenders) {
        Map<StepContender, List<Double>> seconds = new LinkedHashMap<>();
        contenders.forEach(contender -> seconds.put(contender, new ArrayList<>()));
        int cycle = rows.workload().batches().size();
        int rounds = settings.of(2, 3, 7);
        int steps = 0;
        for (int round = 0; round < rounds; round++) {
            for (StepContender contender : List.copyOf(seconds.keySet())) {
                try {
                    if (steps == 0) {
                        steps = settings.size() == Size.TINY ? 1 : steps(contender, cycle);
                    }
                    if (round == 0) {
                        contender.run(Math.max(cycle, steps / 4));
                    }
                    seconds.get(contender).add(contender.run(steps) / steps);
                } catch (RuntimeException e) {
                    rows.failed(contender, e);
                    seconds.remove(contender);
                }
            }
        }
        return seconds;
    }

    /// As many as fit into a round, whole cycles of batches; everyone makes as many as the first.
    private static int steps(StepContender first, int cycle) {
        first.run(cycle);                                    // what is made only once is made now
        double one = first.run(cycle) / cycle;
        int fitting = (int) Math.clamp(SECONDS_OF_A_ROUND / one, 1, MOST_STEPS);
        return (fitting + cycle - 1) / cycle * cycle;
    }

    /// The median of each round's ratio.
    static double ratio(List<Double> times, List<Double> ours) {
        double[] ratios = new double[Math.min(times.size(), ours.size())];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = times.get(i) / ours.get(i);
        }
        return Spread.of(ratios).median();
    }
}
