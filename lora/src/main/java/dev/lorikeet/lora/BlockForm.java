package dev.lorikeet.lora;

import dev.lorikeet.autograd.op.ColumnSlice;
import dev.lorikeet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Updates of column slices written as one update of all columns, and back; both without loss.
///
/// G slices of rank r become one update of rank G·r: A stays `(G·r, in)`, and B becomes `(out, G·r)` with the block of
/// slice g in its rows and in columns `[g·r, (g+1)·r)`, 0 elsewhere. To keep the scale, α is multiplied by G (by √G for
/// rsLoRA). It is how the paper's GPT-2 adapters can be loaded by PEFT, which knows no slices.
public final class BlockForm {
    private static final List<String> THIRDS = List.of("q", "k", "v");

    private BlockForm() {}

    /// Every sliced update as one of all columns; the adapter itself if there is none.
    public static StoredAdapter expand(StoredAdapter adapter) {
        if (adapter.deltas().values().stream().allMatch(delta -> delta.columns().isAll())) {
            return adapter;
        }
        Map<String, Integer> groups = new TreeMap<>();
        TreeMap<String, StoredDelta> full = new TreeMap<>();
        adapter.deltas().forEach((path, delta) -> {
            groups.put(path, delta.columns().groups());
            full.put(path, delta.columns().isAll() ? delta : expand(path, delta));
        });
        Targets targets = adapter.config().targets() instanceof Targets.Names names
                ? Targets.names(names.names().stream().map(Targets.Name::key).distinct().toList())
                : adapter.config().targets();
        return with(adapter, rescaled(adapter.config(), groups, true), targets, full);
    }

    private static StoredDelta expand(String path, StoredDelta delta) {
        int r = delta.rank();
        StoredTensor b = StoredTensor.zeros(
                delta.b().dtype(), Shape.of(delta.out(), r * delta.columns().groups()));
        int row = 0;
        int g = 0;
        for (ColumnSlice slice : delta.slices(path)) {
            b.setBlock(slice.from(), g++ * r, delta.b(), row, 0, slice.width(), r);
            row += slice.width();
        }
        return StoredDelta.full(delta.a(), b);
    }

    /// Updates of all columns as updates of the slices that `targets` names.
    ///
    /// @throws IllegalArgumentException naming the tensor and the reason if an update does not have that block
    /// structure
    public static StoredAdapter split(StoredAdapter adapter, Targets targets) {
        Map<String, Columns> columns = new TreeMap<>();
        for (String path : adapter.deltas().keySet()) {
            columns.put(path, targets.match(path).orElseThrow(() -> new IllegalArgumentException(
                    "the targets %s do not say which columns of '%s' are meant".formatted(targets, path))));
        }
        return split(adapter, targets, columns);
    }

    /// Every update of a fused projection (three times as wide as its input) as updates of those thirds `q`, `k`, `v`
    /// whose rows of B are not all 0; other updates stay as they are.
    ///
    /// @throws IllegalArgumentException naming the tensor and the reason if the thirds share rows of A
    public static StoredAdapter splitFused(StoredAdapter adapter) {
        Map<String, Columns> columns = new TreeMap<>();
        List<Targets.Name> names = new ArrayList<>();
        adapter.deltas().forEach((path, delta) -> {
            boolean fused = delta.columns().isAll() && !delta.table() && delta.out() == 3 * delta.in();
            Columns chosen = fused ? used(delta) : delta.columns();
            columns.put(path, chosen);
            names.add(new Targets.Name(path, chosen));
        });
        return split(adapter, Targets.shortest(names), columns);
    }

    /// The thirds of B that are not all 0; all thirds if B is 0 as a whole.
    private static Columns used(StoredDelta delta) {
        int third = delta.out() / 3;
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            if (!isZero(delta.b(), i * third, (i + 1) * third, 0, delta.rank())) {
                parts.add(THIRDS.get(i));
            }
        }
        return new Columns(parts.isEmpty() ? THIRDS : parts);
    }

    private static StoredAdapter split(StoredAdapter adapter, Targets targets, Map<String, Columns> columns) {
        Map<String, Integer> groups = new TreeMap<>();
        TreeMap<String, StoredDelta> sliced = new TreeMap<>();
        adapter.deltas().forEach((path, delta) -> {
            boolean change = !columns.get(path).equals(delta.columns());
            groups.put(path, change ? columns.get(path).groups() : 1);
            sliced.put(path, change ? split(path, delta, columns.get(path)) : delta);
        });
        return with(adapter, rescaled(adapter.config(), groups, false), targets, sliced);
    }

    private static StoredDelta split(String path, StoredDelta delta, Columns columns) {
        if (!delta.columns().isAll()) {
            throw new IllegalArgumentException(
                    "'%s' is an update of columns %s, not of %s".formatted(path, delta.columns(), columns));
        }
        if (!delta.extras().isEmpty()) {
            throw new IllegalArgumentException(
                    "'%s' has more than A and B, which columns %s cannot share".formatted(path, columns));
        }
        int groups = columns.groups();
        if (delta.rank() % groups != 0) {
            throw new IllegalArgumentException("rank %d of '%s' cannot be divided among the %d slices %s"
                    .formatted(delta.rank(), path, groups, columns));
        }
        int r = delta.rank() / groups;
        List<ColumnSlice> slices = columns.slices(path, delta.out());
        int width = slices.stream().mapToInt(ColumnSlice::width).sum();
        StoredTensor b = StoredTensor.zeros(delta.b().dtype(), Shape.of(width, r));
        int row = 0;
        int previous = 0;
        for (int g = 0; g < groups; g++) {
            ColumnSlice slice = slices.get(g);
            requireZero(path, columns, delta.b(), previous, slice.from(), 0, delta.rank());
            requireZero(path, columns, delta.b(), slice.from(), slice.to(), 0, g * r);
            requireZero(path, columns, delta.b(), slice.from(), slice.to(), (g + 1) * r, delta.rank());
            b.setBlock(row, 0, delta.b(), slice.from(), g * r, slice.width(), r);
            row += slice.width();
            previous = slice.to();
        }
        requireZero(path, columns, delta.b(), previous, delta.out(), 0, delta.rank());
        return new StoredDelta(delta.a(), b, columns, delta.out());
    }

    private static void requireZero(
            String path, Columns columns, StoredTensor b, int fromRow, int toRow, int fromCol, int toCol) {
        if (!isZero(b, fromRow, toRow, fromCol, toCol)) {
            throw new IllegalArgumentException(
                    "'%s.lora_B' has not the block structure of slices %s: rows %d to %d, columns %d to %d are not 0"
                            .formatted(path, columns, fromRow, toRow - 1, fromCol, toCol - 1));
        }
    }

    private static boolean isZero(StoredTensor b, int fromRow, int toRow, int fromCol, int toCol) {
        for (int i = fromRow; i < toRow; i++) {
            for (int j = fromCol; j < toCol; j++) {
                if (b.get((long) i * b.shape().cols() + j) != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /// Ranks multiplied or divided by the number of slices of each module, alphas so that the scales stay.
    private static LoraConfig rescaled(LoraConfig config, Map<String, Integer> groups, boolean multiply) {
        Map<String, Integer> ranks = new TreeMap<>();
        Map<String, Double> alphas = new TreeMap<>();
        groups.forEach((path, g) -> {
            int r = config.rankFor(path);
            double factor = config.rsLora() ? Math.sqrt(g) : g;
            ranks.put(path, multiply ? r * g : r / g);
            alphas.put(path, multiply ? config.alphaFor(path) * factor : config.alphaFor(path) / factor);
        });
        return config.withModules(ranks, alphas);
    }

    private static StoredAdapter with(
            StoredAdapter adapter, LoraConfig config, Targets targets, TreeMap<String, StoredDelta> deltas) {
        return new StoredAdapter(config.toBuilder().targets(targets).build(), adapter.about(), deltas, adapter.saved(),
                adapter.notes());
    }
}
