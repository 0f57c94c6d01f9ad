package dev.lorikeet.nn;

import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Int8;
import dev.lorikeet.tensor.Quantized;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.ShapeMismatch;
import dev.lorikeet.tensor.Tensor;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// The frozen tensors of one base model, each loaded once and shared by all models built over it.
///
/// Matrices are kept in a [BaseDType] (products widen them while packing); vectors, which kernels read element by
/// element, are widened to the compute type.
public final class WeightStore {
    private final Backend backend;
    private final WeightSource source;
    private final DType compute;
    private final BaseDType base;
    private final Map<String, Frozen> loaded = new LinkedHashMap<>();
    private int rounded;
    private double squares;
    private double lostSquares;
    private double worst;
    private String worstAt = "";

    /// Matrices as the source has them.
    ///
    /// @param compute F32, or F64 on a backend that supports it (the scalar one)
    public WeightStore(Backend backend, WeightSource source, DType compute) {
        this(backend, source, compute, BaseDType.STORED);
    }

    /// @param base how matrices are kept; [BaseDType#STORED] if `compute` is F64, which widens everything
    public WeightStore(Backend backend, WeightSource source, DType compute, BaseDType base) {
        if (base != BaseDType.STORED && compute != DType.F32) {
            throw new IllegalArgumentException(
                    "a base is kept in %s only where F32 is computed, not %s".formatted(base, compute));
        }
        this.backend = backend;
        this.source = source;
        this.compute = compute;
        this.base = base;
    }

    public Backend backend() {
        return backend;
    }

    /// The type of activations and of everything trainable.
    public DType compute() {
        return compute;
    }

    /// How matrices are kept.
    public BaseDType base() {
        return base;
    }

    /// Whether the source has a tensor of that name.
    public boolean has(String path) {
        return source.has(path);
    }

    /// The frozen weight called `path`, loaded at the first request: a vector, or a table that is looked up in.
    public Frozen get(String path, Shape shape, Initializer initializer) {
        return get(path, shape, initializer, null);
    }

    /// The frozen matrix of a product called `path`, loaded at the first request, in the layout that the backend's
    /// products read fastest.
    ///
    /// @param order which of its extents are output channels; null for what is no matrix of a product
    public Frozen get(String path, Shape shape, Initializer initializer, WeightOrder order) {
        Frozen weight = loaded.get(path);
        if (weight == null) {
            Tensor value = convert(path, source.load(backend, path, shape, initializer), order);
            weight = new Frozen(path, order == null ? value : backend.pack(value, order == WeightOrder.OUT_IN));
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
        return loaded.values().stream().map(Frozen::value).mapToLong(WeightStore::bytes).sum();
    }

    private static long bytes(Tensor weight) {
        return weight.bytes() + (weight.scales() == null ? 0 : weight.scales().values().bytes());
    }

    /// What keeping the weights loaded so far in a narrower type than the source's has taken away.
    public QuantizationError quantizationError() {
        return new QuantizationError(base, rounded, squares == 0 ? 0 : Math.sqrt(lostSquares / squares), worst,
                worstAt);
    }

    private Tensor convert(String path, Tensor stored, WeightOrder order) {
        DType type = typeFor(stored, order);
        if (type == stored.dtype()) {
            return stored;
        }
        Tensor converted = type.bytes() < 4 ? narrow(path, stored, type, order) : copy(type, stored);
        source.converted(backend, stored);
        return converted;
    }

    private DType typeFor(Tensor stored, WeightOrder order) {
        boolean kept = stored.dtype() == DType.F32 || stored.dtype() == DType.BF16 || stored.dtype() == DType.F16;
        if (compute != DType.F32 || stored.shape().rank() < 2 || !kept) {
            return compute;
        }
        return base == BaseDType.INT8 && order == null ? stored.dtype() : base.of(stored.dtype());
    }

    private Tensor copy(DType type, Tensor source) {
        Tensor converted = backend.allocate(type, source.shape());
        backend.kernels().copy(converted, source);
        return converted;
    }

    private Tensor narrow(String path, Tensor stored, DType type, WeightOrder order) {
        Tensor wide = stored.dtype() == DType.F32 ? stored : copy(DType.F32, stored);
        Quantized narrowed = type == DType.I8
                ? Int8.quantise(backend, wide, order == WeightOrder.OUT_IN)
                : Quantized.to(type, backend, wide);
        if (wide != stored) {
            backend.free(wide.storage());
        }
        count(path, narrowed);
        return narrowed.matrix();
    }

    private void count(String path, Quantized narrowed) {
        if (!Double.isFinite(narrowed.lostSquares())) {
            throw new IllegalArgumentException(
                    "'%s' has numbers that %s cannot hold; keep the base in bf16 or f32".formatted(path, base));
        }
        rounded++;
        squares += narrowed.squares();
        lostSquares += narrowed.lostSquares();
        double share = narrowed.relativeLoss();
        if (share > worst || worstAt.isEmpty()) {
            worst = share;
            worstAt = path;
        }
    }
}
