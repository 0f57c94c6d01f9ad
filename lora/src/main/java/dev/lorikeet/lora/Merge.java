package dev.lorikeet.lora;

import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// `W′ = W + s·B·A`, transposed for weights stored `(in, out)`: a model with its adapters becomes a plain one. For DoRA
/// each output channel of it is given its magnitude.
///
/// `ΔW` is computed in the compute type (F32 or F64), the sum in double, and rounded once, into new memory. The base is
/// not touched, so giving it back is exact. Merging fails for a sum that is not finite, and for one that loses more
/// than [MergeOptions#maxLoss] of an update; results are the same in every run.
public final class Merge {
    private final WeightStore store;
    private final MergeOptions options;
    private final Map<String, Frozen> merged = new LinkedHashMap<>();
    private final List<Tensor> owned = new ArrayList<>();
    private final List<MergeReport.Entry> report = new ArrayList<>();

    private Merge(WeightStore store, MergeOptions options) {
        this.store = store;
        this.options = options;
    }

    /// Merges all active adapters of a model.
    ///
    /// @throws MergeException saying which tensor is refused and why
    public static MergedWeights of(AdaptedModel<?> model, WeightStore store, MergeOptions options) {
        Merge merge = new Merge(store, options);
        try {
            model.projections().adapted().values().forEach(merge::add);
            for (LoraAdapter adapter : model.adapters()) {
                adapter.saved().forEach(merge::replace);
            }
        } catch (RuntimeException e) {
            merge.owned.forEach(tensor -> store.backend().free(tensor.storage()));
            throw e;
        }
        return new MergedWeights(store.backend(), merge.merged, merge.owned, new MergeReport(merge.report));
    }

    private void add(AdaptedProjection linear) {
        Weight weight = linear.base().weight();
        if (weight instanceof Trainable) {
            throw new MergeException(
                    "'%s' is itself being trained: save it as a module instead".formatted(weight.name()));
        }
        if (weight.value().scales() != null) {
            throw new MergeException(("'%s' is kept in int8, whose steps are coarser than most updates: merge into the "
                    + "base as it is stored, or open it with another --base-dtype").formatted(weight.name()));
        }
        StoredTensor base = StoredTensor.copyOf(store.backend(), weight.value());
        StoredTensor delta = deltaOf(linear, weight);
        DType target = options.target() == null ? base.dtype() : options.target();
        StoredTensor sum = StoredTensor.zeros(target, base.shape());
        MergeReport.Entry entry = addInto(weight.name(), sum, base, delta, factors(linear, base, delta));
        if (entry.loss() > options.maxLoss()) {
            throw new MergeException(String.format(Locale.ROOT,
                    "'%s': rounding to %s would lose a share of %.3g of the update, more than %.3g. "
                            + "Merge into a wider type, or allow the loss explicitly.",
                    weight.name(), target, entry.loss(), options.maxLoss()));
        }
        report.add(entry);
        put(weight.name(), sum.to(store.backend(), target));
    }

    private StoredTensor deltaOf(AdaptedProjection linear, Weight weight) {
        Backend backend = store.backend();
        Tensor delta = backend.allocate(store.compute(), weight.shape());
        try {
            backend.kernels().fill(delta, 0);
            linear.deltas().forEach(each -> each.addTo(backend.kernels(), delta, linear.base().order()));
            return StoredTensor.copyOf(backend, delta);
        } finally {
            backend.free(delta.storage());
        }
    }

    /// What each output channel of `base + delta` is multiplied by: DoRA's `m/‖W + s·B·A‖`, otherwise 1.
    private ChannelFactors factors(AdaptedProjection linear, StoredTensor base, StoredTensor delta) {
        return switch (linear) {
            case LoraLinear _ -> ChannelFactors.ones();
            case DoraLinear dora -> ChannelFactors.normalising(
                    StoredTensor.copyOf(store.backend(), dora.magnitude().value()), base, delta, dora.base().order());
        };
    }

    /// `sum ← f∘(base + delta)`, counting what rounding does.
    private static MergeReport.Entry addInto(
            String path, StoredTensor sum, StoredTensor base, StoredTensor delta, ChannelFactors factors) {
        double squares = 0;
        double lost = 0;
        double largest = 0;
        double maxError = 0;
        long vanished = 0;
        long elements = 0;
        for (long i = 0; i < sum.shape().size(); i++) {
            double w = base.get(i);
            double d = factors.of(i) * (w + delta.get(i)) - w;
            sum.set(i, w + d);
            double rounded = sum.get(i);
            if (!Double.isFinite(rounded)) {
                throw new MergeException("'%s' cannot be merged into %s: element %d would be %s (base %s, update %s)"
                        .formatted(path, sum.dtype(), i, rounded, w, d));
            }
            double error = Math.abs(rounded - (w + d));
            squares += d * d;
            lost += error * error;
            largest = Math.max(largest, Math.abs(d));
            maxError = Math.max(maxError, error);
            if (d != 0) {
                elements++;
                vanished += rounded == w ? 1 : 0;
            }
        }
        // without an update nothing of it can be lost, whatever narrowing does to the base
        double share = squares == 0 ? 0 : Math.sqrt(lost / squares);
        return new MergeReport.Entry(
                path, sum.dtype(), Math.sqrt(squares), largest, maxError, share, vanished, elements);
    }

    private void replace(String path, Weight weight) {
        StoredTensor saved = StoredTensor.copyOf(store.backend(), weight.value());
        for (long i = 0; i < saved.shape().size(); i++) {
            if (!Double.isFinite(saved.get(i))) {
                throw new MergeException("'%s' cannot be merged: element %d is %s".formatted(path, i, saved.get(i)));
            }
        }
        put(path, saved.to(store.backend(), saved.dtype()));
    }

    private void put(String path, Tensor tensor) {
        owned.add(tensor);
        merged.put(path, new Frozen(path, tensor));
    }
}
