package dev.lorikeet.bench.gpu;

import dev.lorikeet.bench.compare.Spread;
import dev.lorikeet.bench.gpu.PyTorchProcess.PyTorchFailed;
import dev.lorikeet.models.batch.Batch;
import dev.lorikeet.nn.BaseDType;
import java.util.List;
import java.util.Map;

/// What is told of one race: of a workload, in a math mode, with the frozen weights in a type. Tokens per second count
/// real tokens, whoever pads.
record RaceRows(Workload workload, String mode, BaseDType base, Rows rows) {
    private static final double MEBI = 1 << 20;
    /// By how much the losses of the first steps may differ from ours, relative to them: rounding of products, and in
    /// BF16 of activations as well. More than that, and the two do not compute the same.
    private static final Map<String, Double> TOLERANCE = Map.of("f32", 1e-4, "tf32", 2e-3, "bf16", 2e-2);

    /// `f32` or `bf16`.
    String baseName() {
        return base == BaseDType.BF16 ? "bf16" : "f32";
    }

    private Map<String, Object> row(StepContender contender) {
        return RaceResult.heading(workload.name(), mode, baseName(), contender.name());
    }

    /// A peer that fails is a remark; that we fail is a failure.
    void failed(StepContender contender, RuntimeException e) {
        rows.note(e);
        Map<String, Object> row = row(contender);
        if (e instanceof PyTorchFailed) {
            row.put("note", e.getMessage());
        } else {
            row.put(RaceResult.PASSED, false);
            row.put("failure", e.toString());
        }
        rows.add(row);
    }

    /// One row for each of those who came through.
    ///
    /// @param seconds per step, by round
    void tell(Map<StepContender, List<Double>> losses, Map<StepContender, List<Double>> seconds) {
        double tokens = workload.batches().stream().mapToInt(Batch::tokens).average().orElseThrow();
        StepContender ours = seconds.keySet().stream().filter(OurContender.class::isInstance).findFirst().orElse(null);
        seconds.forEach((contender, times) -> {
            Spread spread = Spread.of(times);
            Map<String, Object> row = row(contender);
            row.put(RaceResult.TOKENS_PER_SECOND, tokens / spread.median());
            row.put(RaceResult.MILLISECONDS, 1e3 * spread.median());
            row.put(RaceResult.QUARTILES, List.of(1e3 * spread.low(), 1e3 * spread.high()));
            contender.repeated().ifPresent(share -> row.put(RaceResult.IN_GRAPHS, share));
            row.put(RaceResult.LOSSES, losses.get(contender));
            if (ours != null && contender != ours) {
                row.put(RaceResult.TIMES_OURS, StepPart.ratio(times, seconds.get(ours)));
                compare(row, losses.get(contender), losses.get(ours));
            }
            addMemory(row, contender);
            rows.add(row);
        });
    }

    private void compare(Map<String, Object> row, List<Double> losses, List<Double> ours) {
        double worst = losses.size() == ours.size() ? 0 : Double.POSITIVE_INFINITY;
        for (int i = 0; i < Math.min(losses.size(), ours.size()); i++) {
            worst = Math.max(worst, Math.abs(losses.get(i) - ours.get(i)) / Math.abs(ours.get(i)));
        }
        boolean same = worst <= TOLERANCE.get(mode);
        row.put(RaceResult.LOSSES_APART, worst);
        if (!same) {                                         // NaN is not the same either
            row.put(RaceResult.PASSED, false);
            row.put("failure", "its losses are not ours: it does not compute the same");
        }
    }

    private void addMemory(Map<String, Object> row, StepContender contender) {
        try {
            contender.memory().forEach((what, bytes) -> row.put(RaceResult.memory(what),
                    ((Number) bytes).doubleValue() / MEBI));
        } catch (RuntimeException e) {
            rows.note(e);
            row.put("note", "memory: " + e.getMessage());
        }
    }
}
