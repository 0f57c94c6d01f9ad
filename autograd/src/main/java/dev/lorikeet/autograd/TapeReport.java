package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Storage;
import dev.lorikeet.tensor.Tensor;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What a tape has recorded, by op: how often, and how many bytes of activations were saved for the backward pass. A
/// tensor that several ops save is counted once, for the first of them; weights do not count, they are not step memory.
public record TapeReport(List<Line> lines) {
    /// @param op    simple name of the op
    /// @param count number of recorded ops
    /// @param bytes saved activations
    public record Line(String op, int count, long bytes) {}

    public TapeReport {
        lines = List.copyOf(lines);
    }

    static TapeReport of(List<Recorded> recorded, Set<Storage> stepMemory) {
        Set<Storage> counted = Collections.newSetFromMap(new IdentityHashMap<>());
        Map<String, Line> byOp = new TreeMap<>();
        for (Recorded entry : recorded) {
            if (entry.isLeaf()) {
                continue;
            }
            long bytes = 0;
            for (Tensor tensor : entry.saved()) {
                if (stepMemory.contains(tensor.storage()) && counted.add(tensor.storage())) {
                    bytes += tensor.storage().bytes();
                }
            }
            String op = entry.op().getClass().getSimpleName();
            Line line = new Line(op, 1, bytes);
            byOp.merge(op, line, (a, b) -> new Line(op, a.count() + b.count(), a.bytes() + b.bytes()));
        }
        return new TapeReport(List.copyOf(byOp.values()));
    }

    /// Bytes of all saved activations.
    public long savedBytes() {
        return lines.stream().mapToLong(Line::bytes).sum();
    }

    /// Number of recorded ops.
    public int recordedOps() {
        return lines.stream().mapToInt(Line::count).sum();
    }

    /// A table for people.
    @Override
    public String toString() {
        StringBuilder table = new StringBuilder("%-24s %8s %14s%n".formatted("op", "recorded", "saved bytes"));
        lines.forEach(line ->
                table.append("%-24s %8d %,14d%n".formatted(line.op(), line.count(), line.bytes())));
        return table.append("%-24s %8d %,14d%n".formatted("total", recordedOps(), savedBytes())).toString();
    }
}
