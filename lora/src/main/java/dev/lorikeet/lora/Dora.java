package dev.lorikeet.lora;

import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/// What DoRA (Liu et al., *DoRA: Weight-Decomposed Low-Rank Adaptation*, 2024) adds to an update: a magnitude for every
/// output channel, so that `W′ = m·(W + s·B·A)/‖W + s·B·A‖`, norms taken over each channel's inputs.
///
/// The norms follow A and B without the sum ever being formed (W may be packed, or in a narrow type):
///
/// ```text
/// ‖w_j + s·b_j·A‖² = ‖w_j‖² + b_j·(2s·A·w_jᵀ + s²·A·Aᵀ·b_jᵀ)     w_j, b_j rows of W and B
/// ```
///
/// @param magnitude `m (out)`
/// @param squares   `‖w_j‖² (out)` of the base, summed in double
/// @param fixed     `1/‖W + s·B·A‖ (out)` of an adapter that does not train; otherwise null, and computed at each use
public record Dora(Weight magnitude, Tensor squares, Tensor fixed) implements LoraDelta.Extra {
    @Override
    public List<Weight> weights() {
        return List.of(magnitude);
    }

    @Override
    public List<Tensor> constants() {
        return Stream.of(squares, fixed).filter(tensor -> tensor != null).toList();
    }

    /// A variant of `delta` whose magnitudes start as the norms that are there, so that nothing changes.
    ///
    /// @param trainable makes the weight of its first value, memory of its own
    static LoraDelta fresh(
            WeightStore store, Site site, LoraDelta delta, Function<Tensor, Weight> trainable) {
        Tensor squares = squares(store, site);
        Tensor norms = inverseNorms(store, site, delta, squares);
        store.backend().kernels().map(norms, norms, UnaryFunction.RECIPROCAL);
        return delta.with(new Dora(trainable.apply(norms), squares, null));
    }

    /// A variant of `delta` with magnitudes from a file.
    static LoraDelta loaded(WeightStore store, Site site, LoraDelta delta, Weight magnitude) {
        Tensor squares = squares(store, site);
        boolean frozen = delta.a() instanceof Frozen && delta.b() instanceof Frozen;
        return delta.with(new Dora(
                magnitude, squares, frozen ? inverseNorms(store, site, delta, squares) : null));
    }

    /// The norms would have to be those of the sum of all updates, and no file says whose magnitudes then count.
    ///
    /// @throws AdapterMismatch if one of several updates is DoRA
    static void requireAlone(String path, List<LoraDelta> deltas) {
        if (deltas.size() > 1 && deltas.stream().anyMatch(delta -> delta.extra() instanceof Dora)) {
            throw new AdapterMismatch(("'%s' has %d updates, and one of them is of direction and magnitude (DoRA), "
                    + "which has to be the only one: merge the others into the base first")
                            .formatted(path, deltas.size()));
        }
    }

    private static Tensor inverseNorms(WeightStore store, Site site, LoraDelta delta, Tensor squares) {
        Tensor rstd = store.backend().allocate(store.compute(), squares.shape());
        try (Pool pool = new Pool(store.backend()); Tape tape = Tape.inference(pool)) {
            inverseNorms(tape, rstd, delta, squares, site.weight().value(), site.order());
            store.backend().synchronize();
        }
        return rstd;
    }

    /// `1/‖W + s·B·A‖ (out)`, in memory of the tape unless it is fixed.
    Tensor inverseNorms(Tape tape, LoraDelta delta, Tensor weight, WeightOrder order) {
        if (fixed != null) {
            return fixed;
        }
        Tensor rstd = tape.allocate(squares.dtype(), squares.shape());
        try (var _ = tape.frame()) {
            inverseNorms(tape, rstd, delta, squares, weight, order);
        }
        return rstd;
    }

    private static void inverseNorms(
            Tape tape, Tensor rstd, LoraDelta delta, Tensor squares, Tensor weight, WeightOrder order) {
        Kernels kernels = tape.kernels();
        Tensor a = delta.a().value();                                                                 // (r, in)
        Tensor b = delta.b().value();                                                                 // (out, r)
        int r = b.cols();
        Shape wide = Shape.of(r, b.rows());
        Tensor gram = tape.allocate(a.dtype(), Shape.of(r, r));
        kernels.gemm(gram, a, false, a, true, 1, 0);
        Tensor inner = tape.allocate(a.dtype(), wide);                                                // (r, out)
        kernels.gemm(inner, a, false, weight, order == WeightOrder.OUT_IN, 2 * delta.scale(), 0);
        kernels.gemm(inner, gram, false, b, true, delta.scale() * delta.scale(), 1);
        Tensor transposed = tape.allocate(a.dtype(), wide);
        kernels.gemm(transposed, identity(tape, a.dtype(), r), false, b, true, 1, 0);                 // exact
        Tensor products = tape.allocate(a.dtype(), wide);
        kernels.multiply(products, transposed, inner, 0);
        Tensor norms = tape.allocate(a.dtype(), rstd.shape());
        kernels.copy(norms, squares);
        kernels.sumRows(norms, products, 1);
        kernels.map(rstd, norms, UnaryFunction.RSQRT);
    }

    private static Tensor identity(Tape tape, DType dtype, int r) {
        Tensor identity = tape.allocate(dtype, Shape.of(r, r));
        tape.kernels().fill(identity, 0);
        tape.kernels().fill(new Tensor(identity.storage(), dtype, Shape.of(r, 1), 0, r + 1), 1);
        return identity;
    }

    /// The squared norm of each output channel. A channel of zeros gets the smallest normal number instead,
    /// since a norm of 0 would make NaN of it.
    private static Tensor squares(WeightStore store, Site site) {
        StoredTensor weight = StoredTensor.widened(store.backend(), store.compute(), site.weight().value());
        boolean outIn = site.order() == WeightOrder.OUT_IN;
        int cols = weight.shape().cols();
        double[] sums = new double[site.out()];
        for (long i = 0; i < weight.shape().size(); i++) {
            double w = weight.get(i);
            sums[(int) (outIn ? i / cols : i % cols)] += w * w;
        }
        StoredTensor squares = StoredTensor.zeros(store.compute(), Shape.of(site.out()));
        for (int j = 0; j < sums.length; j++) {
            squares.set(j, Math.max(sums[j], Float.MIN_NORMAL));
        }
        return squares.to(store.backend(), store.compute());
    }
}
