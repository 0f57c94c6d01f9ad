package dev.lorikeet.lora.io;

import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.StoredDelta;
import dev.lorikeet.lora.StoredTensor;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.io.Checkpoint;
import dev.lorikeet.tensor.io.FormatException;
import dev.lorikeet.tensor.io.TensorInfo;
import java.nio.file.Path;
import java.util.TreeMap;

/// The tensors of an adapter file, sorted into A, B, what variants have beside them, and whole weights, by module path.
final class AdapterTensors {
    private static final String MAGNITUDE = ".lora_magnitude_vector";

    private final Path file;
    private final TreeMap<String, StoredTensor> a = new TreeMap<>();
    private final TreeMap<String, StoredTensor> b = new TreeMap<>();
    private final TreeMap<String, StoredTensor> magnitudes = new TreeMap<>();
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

    void addMagnitude(String path, Checkpoint checkpoint, TensorInfo info) {
        put(magnitudes, path, checkpoint, info);
    }

    void addSaved(String path, Checkpoint checkpoint, TensorInfo info) {
        put(saved, path, checkpoint, info);
    }

    private void put(TreeMap<String, StoredTensor> into, String path, Checkpoint checkpoint, TensorInfo info) {
        if (!info.dtype().isFloating()) {
            throw new FormatException(file, info.name(), "floating-point numbers", info.dtype().toString(), null);
        }
        StoredTensor copy = StoredTensor.copyOf(info.dtype(), info.shape(), checkpoint.bytes(info.name()));
        if (into.put(path, copy) != null) {
            throw new FormatException(file, info.name(), "one tensor of '%s'".formatted(path), "two",
                    "Two spellings of one name are in the file.");
        }
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
        requireMagnitudes(config);
        TreeMap<String, StoredDelta> deltas = new TreeMap<>();
        a.forEach((path, tensor) -> {
            int r = config.rankFor(path);
            StoredTensor other = b.get(path);
            requireRank(path + ".lora_A", tensor, tensor.shape().dim(0), r);
            requireRank(path + ".lora_B", other, other.shape().dim(1), r);
            StoredDelta delta = StoredDelta.full(tensor, other);
            deltas.put(path, config.dora() ? delta.with(new StoredDelta.Dora(magnitudes.get(path))) : delta);
        });
        return deltas;
    }

    /// With DoRA every update has magnitudes, one per output; without it none has.
    private void requireMagnitudes(LoraConfig config) {
        magnitudes.forEach((path, tensor) -> {
            if (!config.dora()) {
                throw new FormatException(file, path + MAGNITUDE, "no such tensor, since \"use_dora\" is off",
                        tensor.toString(), "Configuration and tensors are not of the same adapter.");
            }
            requirePartner(path, MAGNITUDE, b.containsKey(path), ".lora_B");
            int out = b.get(path).shape().dim(0);
            if (!tensor.shape().equals(Shape.of(out))) {
                throw new FormatException(
                        file, path + MAGNITUDE, "%d numbers, one per output".formatted(out), tensor.toString(), null);
            }
        });
        if (config.dora()) {
            b.keySet().forEach(path -> requirePartner(path, ".lora_B", magnitudes.containsKey(path), MAGNITUDE));
        }
    }

    private void requireRank(String name, StoredTensor tensor, int found, int r) {
        if (found != r) {
            throw new FormatException(file, name, "rank %d, as configured".formatted(r), tensor.toString(),
                    "Configuration and tensors are not of the same adapter.");
        }
    }
}
