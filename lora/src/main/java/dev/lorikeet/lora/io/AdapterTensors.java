package dev.lorikeet.lora.io;

import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.StoredDelta;
import dev.lorikeet.lora.StoredTensor;
import dev.lorikeet.lora.Variant;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.io.Checkpoint;
import dev.lorikeet.tensor.io.FormatException;
import dev.lorikeet.tensor.io.TensorInfo;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeMap;

/// The tensors of an adapter file, sorted into A, B, what variants have beside them, and whole weights, by module path.
final class AdapterTensors {
    private final Path file;
    private final TreeMap<String, StoredTensor> a = new TreeMap<>();
    private final TreeMap<String, StoredTensor> b = new TreeMap<>();
    /// By name of the tensor, then by path.
    private final TreeMap<String, TreeMap<String, StoredTensor>> beside = new TreeMap<>();
    private final Set<String> tables = new HashSet<>();
    private final TreeMap<String, StoredTensor> saved = new TreeMap<>();

    AdapterTensors(Path file) {
        this.file = file;
    }

    void addA(String path, Checkpoint checkpoint, TensorInfo info) {
        put(a, path, checkpoint, info);
    }

    void addB(String path, Checkpoint checkpoint, TensorInfo info) {
        put(b, path, checkpoint, info);
    }

    /// Declares the update of `path` one of an embedding table.
    void addTable(String path) {
        tables.add(path);
    }

    /// @param tensor one of [Variant#tensors]
    void addBeside(String path, String tensor, Checkpoint checkpoint, TensorInfo info) {
        put(beside.computeIfAbsent(tensor, _ -> new TreeMap<>()), path, checkpoint, info);
    }

    /// A whole weight. PEFT may write one twice, under the names that it has in memory and in files.
    ///
    /// @return false if the same numbers were there already
    boolean addSaved(String path, Checkpoint checkpoint, TensorInfo info) {
        if (path.indexOf('.') <= 0) {
            throw new FormatException(file, info.name(), "tensors of modules, such as classifier.out_proj.weight",
                    "this name", "This is not an adapter's file, or it is damaged.");
        }
        StoredTensor known = saved.get(path);
        if (known != null && known.dtype() == info.dtype() && known.shape().equals(info.shape())
                && known.bytes().mismatch(checkpoint.bytes(info.name())) < 0) {
            return false;
        }
        put(saved, path, checkpoint, info);
        return true;
    }

    private void put(TreeMap<String, StoredTensor> into, String path, Checkpoint checkpoint, TensorInfo info) {
        if (into.put(path, copy(checkpoint, info)) != null) {
            throw new FormatException(file, info.name(), "one tensor of '%s'".formatted(path), "two",
                    "Two spellings of one name are in the file.");
        }
    }

    private StoredTensor copy(Checkpoint checkpoint, TensorInfo info) {
        if (!info.dtype().isFloating()) {
            throw new FormatException(file, info.name(), "floating-point numbers", info.dtype().toString(), null);
        }
        StoredTensor copy = StoredTensor.copyOf(info.dtype(), info.shape(), checkpoint.bytes(info.name()));
        long at = copy.firstNonFinite();
        if (at >= 0) {
            throw new FormatException(file, info.name(), "finite numbers", "%s as element %d".formatted(
                    copy.get(at), at), "Its training had diverged, or the file is damaged: use another checkpoint.");
        }
        return copy;
    }

    TreeMap<String, StoredTensor> saved() {
        return saved;
    }

    TreeMap<String, StoredTensor> a() {
        return a;
    }

    TreeMap<String, StoredTensor> b() {
        return b;
    }

    /// Checks that there is something, that every A has its B, and that both are matrices.
    void requirePairs() {
        if (a.isEmpty() && b.isEmpty()) {
            throw new FormatException(file, null, "tensors named …lora_A and …lora_B", "none of them",
                    "This is not a LoRA adapter.");
        }
        a.keySet().forEach(path -> requirePartner(path, ".lora_A", b.containsKey(path), ".lora_B"));
        b.keySet().forEach(path -> requirePartner(path, ".lora_B", a.containsKey(path), ".lora_A"));
        a.forEach((path, tensor) -> requireMatrix(path + ".lora_A", tensor));
        b.forEach((path, tensor) -> requireMatrix(path + ".lora_B", tensor));
    }

    private void requirePartner(String path, String has, boolean present, String needs) {
        if (!present) {
            throw new FormatException(file, path + has, "its partner " + path
                    + needs, "nothing", "The file is incomplete.");
        }
    }

    private void requireMatrix(String name, StoredTensor tensor) {
        if (tensor.shape().rank() != 2) {
            throw new FormatException(file, name, "a matrix", tensor.toString(),
                    "Updates of convolutions are not built yet.");
        }
    }

    /// Updates of all columns, checked against the ranks that the configuration gives.
    TreeMap<String, StoredDelta> deltas(LoraConfig config) {
        requirePairs();
        for (Variant variant : Variant.all()) {
            for (String tensor : variant.tensors()) {
                require(beside.getOrDefault(tensor, new TreeMap<>()), "." + tensor,
                        variant.setting().orElseThrow().key(), variant.equals(config.variant()));
            }
        }
        TreeMap<String, StoredDelta> deltas = new TreeMap<>();
        a.forEach((path, tensor) -> {
            int r = config.rankFor(path);
            StoredTensor other = b.get(path);
            requireRank(path + ".lora_A", tensor, tensor.shape().dim(0), r);
            requireRank(path + ".lora_B", other, other.shape().dim(1), r);
            StoredDelta delta = StoredDelta.full(tensor, other).with(extras(path));
            deltas.put(path, tables.contains(path) ? delta.ofTable() : delta);
        });
        return deltas;
    }

    private TreeMap<String, StoredTensor> extras(String path) {
        TreeMap<String, StoredTensor> extras = new TreeMap<>();
        beside.forEach((tensor, byPath) -> {
            if (byPath.containsKey(path)) {
                extras.put(tensor, byPath.get(path));
            }
        });
        return extras;
    }

    /// With `setting` on every update has such a vector, one number per output; with it off none has.
    private void require(TreeMap<String, StoredTensor> vectors, String kind, String setting, boolean on) {
        vectors.forEach((path, tensor) -> {
            if (!on) {
                throw new FormatException(file, path + kind, "no such tensor, since \"%s\" is off".formatted(setting),
                        tensor.toString(), "Configuration and tensors are not of the same adapter.");
            }
            requirePartner(path, kind, b.containsKey(path), ".lora_B");
            int out = b.get(path).shape().dim(0);
            if (!tensor.shape().equals(Shape.of(out))) {
                throw new FormatException(
                        file, path + kind, "%d numbers, one per output".formatted(out), tensor.toString(), null);
            }
        });
        if (on) {
            b.keySet().forEach(path -> requirePartner(path, ".lora_B", vectors.containsKey(path), kind));
        }
    }

    private void requireRank(String name, StoredTensor tensor, int found, int r) {
        if (found != r) {
            throw new FormatException(file, name, "rank %d, as configured".formatted(r), tensor.toString(),
                    "Configuration and tensors are not of the same adapter.");
        }
    }
}
