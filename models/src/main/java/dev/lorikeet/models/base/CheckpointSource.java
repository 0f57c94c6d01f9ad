package dev.lorikeet.models.base;

import dev.lorikeet.nn.Initializer;
import dev.lorikeet.nn.WeightSource;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.io.Checkpoint;
import dev.lorikeet.tensor.io.FormatException;
import dev.lorikeet.tensor.io.TensorInfo;

/// Weights of a checkpoint, found under the model's own names with or without the backbone's prefix: the original
/// `gpt2` files say `h.0.ln_1.weight` where later ones say `transformer.h.0.ln_1.weight`.
public final class CheckpointSource implements WeightSource {
    private final Checkpoint checkpoint;
    private final String prefix;

    /// @param prefix the backbone's name and a dot, such as `transformer.`
    public CheckpointSource(Checkpoint checkpoint, String prefix) {
        this.checkpoint = checkpoint;
        this.prefix = prefix;
    }

    @Override
    public boolean has(String path) {
        return checkpoint.names().contains(nameInFile(path));
    }

    @Override
    public Tensor load(Backend backend, String path, Shape shape, Initializer initializer) {
        String name = nameInFile(path);
        if (!has(path) && !path.startsWith(prefix)) {
            throw new FormatException(
                    checkpoint.path(), path, "a head with this weight", "none",
                    "Train a head on this checkpoint, or give an adapter that brings one.");
        }
        TensorInfo info = checkpoint.info(name);
        if (!info.shape().equals(shape)) {
            throw new FormatException(
                    checkpoint.path(), name, "shape " + shape + " (from config.json)", "shape " + info.shape(),
                    "give the config.json that belongs to this checkpoint");
        }
        return checkpoint.load(backend, name);
    }

    /// What the checkpoint calls the weight at `path`.
    public String nameInFile(String path) {
        return !checkpoint.names().contains(path) && path.startsWith(prefix) ? path.substring(prefix.length()) : path;
    }
}
