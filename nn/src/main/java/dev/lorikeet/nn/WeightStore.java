package dev.lorikeet.nn;

import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.ShapeMismatch;
import dev.lorikeet.tensor.Tensor;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// The frozen tensors of one base model, each loaded once and shared by all models built over it.
///
/// Matrices stay as the source stores them (F32, BF16 or F16: products widen them while packing); vectors, which
/// kernels read element by element, are widened to the compute type.
public final class WeightStore {
    private final Backend backend;
    private final WeightSource source;
    private final DType compute;
    private final Map<String, Frozen> loaded = new LinkedHashMap<>();

    /// @param compute F32, or F64 on a backend that supports it (the scalar one)
    public WeightStore(Backend backend, WeightSource source, DType compute) {
        this.backend = backend;
        this.source = source;
        this.compute = compute;
    }

    public Backend backend() {
        return backend;
    }

    /// The type of activations and of everything trainable.
    public DType compute() {
        return compute;
    }

    /// Whether the source has a tensor of that name.
    public boolean has(String path) {
        return source.has(path);
    }

    /// The frozen weight called `path`, loaded at the first request.
    public Frozen get(String path, Shape shape, Initializer initializer) {
        Frozen weight = loaded.get(path);
        if (weight == null) {
            weight = new Frozen(path, convert(source.load(backend, path, shape, initializer)));
            loaded.put(path, weight);
        }
        if (!weight.shape().equals(shape)) {
            throw new ShapeMismatch(path, weight.shape(), shape, "the model needs the second shape");
        }
        return weight;
    }

    /// All weights that have been asked for, in the order of construction.
    public Collection<Frozen> all() {
        return Collections.unmodifiableCollection(loaded.values());
    }

    /// Bytes of all loaded weights.
    public long bytes() {
        return loaded.values().stream().mapToLong(weight -> weight.value().bytes()).sum();
    }

    private Tensor convert(Tensor stored) {
        boolean asStored = stored.dtype() == compute
                || (compute == DType.F32 && stored.shape().rank() > 1 && stored.dtype().bytes() == 2);
        if (asStored) {
            return stored;
        }
        Tensor converted = backend.allocate(compute, stored.shape());
        backend.kernels().copy(converted, stored);
        return converted;
    }
}
