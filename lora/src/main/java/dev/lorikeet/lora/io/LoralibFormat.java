package dev.lorikeet.lora.io;

import dev.lorikeet.lora.BiasMode;
import dev.lorikeet.lora.Columns;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.lora.StoredDelta;
import dev.lorikeet.lora.StoredTensor;
import dev.lorikeet.lora.Targets;
import dev.lorikeet.tensor.io.AtomicFile;
import dev.lorikeet.tensor.io.Checkpoint;
import dev.lorikeet.tensor.io.FormatException;
import dev.lorikeet.tensor.io.TensorInfo;
import dev.lorikeet.tensor.io.TensorSource;
import dev.lorikeet.tensor.io.TorchWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Checkpoints of the paper's own code: `<module>.lora_A`, `<module>.lora_B` in a pickle of PyTorch, flat or under
/// `model_state_dict`, with or without the base's weights.
///
/// The file has no alpha. Lorikeet writes it to a sidecar, `<file>.json`, and reads it from there; for other files it
/// must be given, since a wrong scale goes unnoticed.
public final class LoralibFormat {
    private static final String A = ".lora_A";
    private static final String B = ".lora_B";
    private static final Map<Integer, String> GROUPS = Map.of(2, "q,v", 3, "q,k,v");

    private LoralibFormat() {}

    /// Where alpha is written to and looked for.
    public static Path sidecar(Path file) {
        return file.resolveSibling(file.getFileName() + ".json");
    }

    /// Whether the tensors of a file have loralib's names.
    static boolean recognises(Checkpoint checkpoint) {
        return checkpoint.names().stream().anyMatch(name -> name.endsWith(A));
    }

    /// Reads an adapter, from a checkpoint of the adapter alone or of the whole model.
    ///
    /// @throws FormatException if the file is no such checkpoint, or nothing tells alpha
    public static StoredAdapter read(Path file, LoralibOptions options) {
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            AdapterTensors tensors = new AdapterTensors(file);
            List<TensorInfo> others = sort(checkpoint, tensors);
            tensors.requirePairs();
            LoralibSidecar sidecar = LoralibSidecar.of(file, options);
            List<String> notes = new ArrayList<>();
            TreeMap<String, StoredDelta> deltas = deltas(file, tensors, sidecar.targets(), notes);
            addWholeWeights(checkpoint, tensors, others, options, notes);
            LoraConfig config = config(deltas, tensors, sidecar.alpha());
            return new StoredAdapter(config, StoredAdapter.About.nothing(), deltas, tensors.saved(), notes);
        }
    }

    /// A and B into `tensors`; returns the rest.
    private static List<TensorInfo> sort(Checkpoint checkpoint, AdapterTensors tensors) {
        List<TensorInfo> others = new ArrayList<>();
        for (TensorInfo info : checkpoint.infos()) {
            String path = path(info.name());
            if (path.endsWith(A)) {
                tensors.addA(path.substring(0, path.length() - A.length()), checkpoint, info);
            } else if (path.endsWith(B)) {
                tensors.addB(path.substring(0, path.length() - B.length()), checkpoint, info);
            } else {
                others.add(info);
            }
        }
        return others;
    }

    /// Training on several devices puts `module.` before every name.
    private static String path(String name) {
        return name.startsWith("module.") ? name.substring("module.".length()) : name;
    }

    private static TreeMap<String, StoredDelta> deltas(
            Path file, AdapterTensors tensors, Targets targets, List<String> notes) {
        TreeMap<String, StoredDelta> deltas = new TreeMap<>();
        tensors.a().forEach((path, a) -> {
            StoredTensor b = tensors.b().get(path);
            int r = b.shape().dim(1);
            int groups = r == 0 ? 0 : a.shape().dim(0) / r;
            if (groups == 0 || a.shape().dim(0) % r != 0) {
                throw new FormatException(file, path + A, "a multiple of %d rows, the columns of %s".formatted(r, B),
                        a.toString(), null);
            }
            Columns columns = columns(file, path, groups, targets);
            boolean thirds = columns.parts().stream().noneMatch(part -> part.contains(":"));
            if (!thirds || b.shape().dim(0) % groups != 0) {
                throw new FormatException(file, path + B, "blocks of q, k, v", b + " for columns " + columns, null);
            }
            int out = columns.isAll() ? b.shape().dim(0) : b.shape().dim(0) / groups * 3;
            deltas.put(path, new StoredDelta(a, b, columns, out));
        });
        if (targets == null && deltas.values().stream().anyMatch(delta -> delta.columns().groups() == 2)) {
            notes.add("took the two groups of fused projections for q and v, as in the paper; the file does not say");
        }
        return deltas;
    }

    private static Columns columns(Path file, String path, int groups, Targets targets) {
        if (targets == null) {
            if (groups != 1 && !GROUPS.containsKey(groups)) {
                throw new FormatException(file, path + A, "at most three groups (q, k, v)", groups + " groups", null);
            }
            return groups == 1 ? Columns.all() : Columns.parse(GROUPS.get(groups));
        }
        Columns columns = targets.match(path).orElseThrow(() -> new FormatException(
                file, path + A, "to be among the targets " + targets, "not there", "Say which columns it updates."));
        if (columns.groups() != groups) {
            throw new FormatException(
                    file, path + A, "%d groups for the columns %s".formatted(columns.groups(), columns),
                    "%d groups".formatted(groups), "The targets do not fit the file.");
        }
        return columns;
    }

    /// In a file of an adapter alone every other tensor was trained; in one of a whole model nothing tells which were.
    private static void addWholeWeights(Checkpoint checkpoint, AdapterTensors tensors, List<TensorInfo> others,
            LoralibOptions options, List<String> notes) {
        boolean wholeModel = others.stream().map(info -> path(info.name()))
                .anyMatch(path -> path.endsWith(".weight") && tensors.a().containsKey(module(path)));
        int ignored = 0;
        for (TensorInfo info : others) {
            String path = path(info.name());
            boolean wanted = options.modulesToSave().stream().anyMatch(module(path)::endsWith);
            if (!wholeModel || wanted) {
                tensors.addSaved(path, checkpoint, info);
            } else {
                ignored++;
            }
        }
        if (ignored > 0) {
            notes.add("ignored %d weights of the base model, which the file holds as a whole".formatted(ignored));
        }
    }

    private static LoraConfig config(TreeMap<String, StoredDelta> deltas, AdapterTensors tensors, double alpha) {
        Map<String, Integer> ranks = new TreeMap<>();
        Map<String, Double> alphas = new TreeMap<>();
        List<Targets.Name> names = new ArrayList<>();
        deltas.forEach((path, delta) -> {
            ranks.put(path, delta.rank());
            alphas.put(path, alpha);
            names.add(new Targets.Name(path, delta.columns()));
        });
        BiasMode bias = bias(deltas, tensors);
        List<String> modules = tensors.saved().keySet().stream()
                .filter(path -> !isBiasAlone(path, tensors))
                .map(LoralibFormat::module).distinct().toList();
        return LoraConfig.builder().targets(Targets.shortest(names)).modulesToSave(modules).bias(bias).build()
                .withModules(ranks, alphas);
    }

    /// Which of the two modes of loralib's `mark_only_lora_as_trainable` the file was written with.
    private static BiasMode bias(TreeMap<String, StoredDelta> deltas, AdapterTensors tensors) {
        List<String> alone = tensors.saved().keySet().stream().filter(path -> isBiasAlone(path, tensors)).toList();
        if (alone.isEmpty()) {
            return BiasMode.NONE;
        }
        return deltas.keySet().containsAll(alone.stream().map(LoralibFormat::module).toList())
                ? BiasMode.LORA_ONLY
                : BiasMode.ALL;
    }

    /// A bias of a module whose weight is not in the file.
    private static boolean isBiasAlone(String path, AdapterTensors tensors) {
        return path.endsWith(".bias") && !tensors.saved().containsKey(module(path) + ".weight");
    }

    private static String module(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('.')));
    }

    /// Writes an adapter and its sidecar. Updates of all columns become `lora.Linear`, updates of q, k or v
    /// `lora.MergedLinear`.
    ///
    /// @param nested under `model_state_dict`, as the GPT-2 example wants it; otherwise flat, as the RoBERTa example
    /// does
    /// @throws IllegalArgumentException     saying why this adapter has no place in that format
    /// @throws java.io.UncheckedIOException if a file cannot be written
    public static void write(Path file, StoredAdapter adapter, boolean nested) {
        double alpha = alpha(adapter);
        List<TensorSource> tensors = new ArrayList<>();
        adapter.deltas().forEach((path, delta) -> {
            if (delta.columns().parts().stream().anyMatch(part -> part.contains(":"))) {
                throw new IllegalArgumentException(
                        "loralib has no update of columns %s ('%s'), only of q, k and v".formatted(
                                delta.columns(), path));
            }
            if (!delta.extras().isEmpty() || delta.table()) {
                throw new IllegalArgumentException("its files can say A and B of a projection only; '%s' has %s"
                        .formatted(path, delta.table() ? "an update of an embedding table" : delta.extras().keySet()));
            }
            tensors.add(PeftFormat.source(path + A, delta.a()));
            tensors.add(PeftFormat.source(path + B, delta.b()));
        });
        adapter.saved().forEach((path, tensor) -> tensors.add(PeftFormat.source(path, tensor)));
        if (nested) {
            TorchWriter.writeNested(file, "model_state_dict", tensors);
        } else {
            TorchWriter.write(file, tensors);
        }
        AtomicFile.write(sidecar(file), LoralibSidecar.json(alpha, adapter.config()));
    }

    /// loralib scales by α/r everywhere.
    private static double alpha(StoredAdapter adapter) {
        double alpha = Double.NaN;
        for (Map.Entry<String, StoredDelta> entry : adapter.deltas().entrySet()) {
            double own = adapter.config().scaleFor(entry.getKey()) * entry.getValue().rank();
            if (!Double.isNaN(alpha) && Math.abs(own - alpha) > 1e-12 * Math.abs(alpha)) {
                throw new IllegalArgumentException("loralib has one alpha for all modules; here '%s' has %s, others %s"
                        .formatted(entry.getKey(), own, alpha));
            }
            alpha = own;
        }
        if (Double.isNaN(alpha)) {
            throw new IllegalArgumentException("an adapter without updates is not written");
        }
        return alpha;
    }
}
