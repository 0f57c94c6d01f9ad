package dev.lorikeet.lora;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.op.Magnitude;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.nn.Linear;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/// DoRA (Liu et al., *DoRA: Weight-Decomposed Low-Rank Adaptation*, 2024): a magnitude is trained for every output
/// channel beside the direction, so that `W′ = m·(W + s·B·A)/‖W + s·B·A‖`, norms taken over each channel's inputs.
///
/// The norms follow A and B without the sum ever being formed (W may be packed, or in a narrow type):
///
/// ```text
/// ‖w_j + s·b_j·A‖² = ‖w_j‖² + b_j·(2s·A·w_jᵀ + s²·A·Aᵀ·b_jᵀ)     w_j, b_j rows of W and B
/// ```
public record Dora() implements Variant {
    private static final String MAGNITUDE = "lora_magnitude_vector";

    @Override
    public String title() {
        return "DoRA: direction and magnitude";
    }

    @Override
    public Optional<PeftSetting> setting() {
        return Optional.of(new PeftSetting("use_dora", true, true));
    }

    @Override
    public List<String> tensors() {
        return List.of(MAGNITUDE);
    }

    @Override
    public void check(Targets targets) {
        if (targets instanceof Targets.Names names
                && names.names().stream().anyMatch(name -> !name.columns().isAll())) {
            throw new IllegalArgumentException("DoRA normalises whole output channels of whole projections, so targets "
                    + "like %s cannot be given by columns: leave the brackets out".formatted(targets));
        }
    }

    /// The norms would be those of the sum, and no file says of what sum.
    @Override
    public Optional<String> notCombinable() {
        return Optional.of("updates of direction and magnitude (DoRA) have no sum: merge them into the base instead");
    }

    /// Magnitudes start as the norms that are there, so that nothing changes.
    @Override
    public LoraDelta fresh(FreshParts parts, LoraDelta plain) {
        Tensor squares = squares(parts.store(), parts.site());
        Tensor norms = inverseNorms(parts.store(), parts.site(), plain, squares);
        parts.store().backend().kernels().map(norms, norms, UnaryFunction.RECIPROCAL);
        return plain.with(new Magnitudes(parts.beside(MAGNITUDE, norms), squares, null));
    }

    @Override
    public LoraDelta loaded(StoredParts parts, LoraDelta plain) {
        Weight magnitude = parts.beside(MAGNITUDE, Shape.of(parts.site().out()));
        Tensor squares = squares(parts.store(), parts.site());
        boolean frozen = plain.a() instanceof Frozen && plain.b() instanceof Frozen;
        return plain.with(new Magnitudes(magnitude, squares,
                frozen ? inverseNorms(parts.store(), parts.site(), plain, squares) : null));
    }

    /// What an update of DoRA has beside A and B.
    ///
    /// @param magnitude `m (out)`
    /// @param squares   `‖w_j‖² (out)` of the base, summed in double
    /// @param fixed     `1/‖W + s·B·A‖ (out)` of an adapter that does not train; otherwise null, and computed at each
    ///                  use
    public record Magnitudes(Weight magnitude, Tensor squares, Tensor fixed) implements Extra {
        @Override
        public SortedMap<String, Weight> weights() {
            return new TreeMap<>(Map.of(MAGNITUDE, magnitude));
        }

        @Override
        public List<Tensor> constants() {
            return Stream.of(squares, fixed).filter(tensor -> tensor != null).toList();
        }

        @Override
        public Optional<String> alone() {
            return Optional.of("of direction and magnitude (DoRA)");
        }

        @Override
        public Optional<AdaptedProjection> project(String path, Linear base, LoraDelta self) {
            return Optional.of(new DoraLinear(path, base, self, this));
        }

        @Override
        public Activation ofTable(Tape tape, Activation rows, LoraDelta self, Weight table) {
            Tensor rstd = inverseNorms(tape, self, table.value(), WeightOrder.IN_OUT);
            return Magnitude.apply(tape, rows, magnitude, rstd, null);
        }

        /// `m/‖W + s·B·A‖`.
        @Override
        public ChannelFactors factors(Backend backend, StoredTensor base, StoredTensor delta, WeightOrder order) {
            return ChannelFactors.normalising(StoredTensor.copyOf(backend, magnitude.value()), base, delta, order);
        }

        @Override
        public boolean cancels() {
            return true;
        }

        /// `1/‖W + s·B·A‖ (out)`, in memory of the tape unless it is fixed.
        Tensor inverseNorms(Tape tape, LoraDelta delta, Tensor weight, WeightOrder order) {
            if (fixed != null) {
                return fixed;
            }
            Tensor rstd = tape.allocate(squares.dtype(), squares.shape());
            try (var _ = tape.frame()) {
                Dora.inverseNorms(tape, rstd, delta, squares, weight, order);
            }
            return rstd;
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
