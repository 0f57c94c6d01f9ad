package dev.lorikeet.lora;

import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.op.WeightOrder;
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
    /// Where an update is a difference of large numbers (DoRA, PiSSA), one below this share of the weight is rounding.
    private static final double NOISE = 1e-6;

    private final WeightStore store;
    private final MergeOptions options;
    private final Map<String, Frozen> merged = new LinkedHashMap<>();
    private final List<Tensor> owned = new ArrayList<>();
    private final List<MergeReport.Entry> report = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

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
            for (LoraAdapter adapter : model.adapters()) {
                adapter.saved().forEach(merge::replace);
            }
            model.projections().untied().forEach(merge::untie);
            model.projections().embeddings().values().forEach(merge::add);
            model.projections().adapted().values().forEach(merge::add);
        } catch (RuntimeException e) {
            merge.owned.forEach(tensor -> store.backend().free(tensor.storage()));
            throw e;
        }
        MergeReport report = new MergeReport(merge.report, merge.notes);
        return new MergedWeights(store.backend(), merge.merged, merge.owned, report);
    }

    private void add(AdaptedProjection linear) {
        add(linear.base().weight(), linear.base().order(), linear.deltas());
        List<LoraDelta> withBias = linear.deltas().stream()
                .filter(delta -> delta.extra() instanceof OutputBias).toList();
        if (!withBias.isEmpty()) {
            addBias(linear.base().bias(), withBias);
        }
    }

    private void add(LoraEmbedding embedding) {
        add(embedding.table(), WeightOrder.IN_OUT, embedding.deltas());
        if (embedding.tied()) {
            notes.add(("'%s' is shared with the head: merged, the update acts on both, unmerged on look-ups only, so "
                    + "the merged model's logits differ (as in PEFT)").formatted(embedding.table().name()));
        }
    }

    private void add(Weight weight, WeightOrder order, List<LoraDelta> deltas) {
        if (weight instanceof Trainable) {
            throw new MergeException(
                    "'%s' is itself being trained: save it as a module instead".formatted(weight.name()));
        }
        if (weight.value().scales() != null) {
            throw new MergeException(("'%s' is kept in int8, whose steps are coarser than most updates: merge into the "
                    + "base as it is stored, or kept in another type").formatted(weight.name()));
        }
        StoredTensor base = StoredTensor.copyOf(store.backend(), weight.value());
        StoredTensor delta = deltaOf(weight, order, deltas);
        boolean cancels = deltas.stream().anyMatch(
                each -> each.extra() instanceof Dora || each.extra() instanceof Pissa);
        add(weight.name(), base, delta, factors(deltas, base, delta, order), cancels ? NOISE : 0);
    }

    /// `b′ = b + Σ s·c`.
    private void addBias(Weight bias, List<LoraDelta> deltas) {
        Backend backend = store.backend();
        Tensor sum = backend.allocate(store.compute(), bias.shape());
        backend.kernels().fill(sum, 0);
        for (LoraDelta delta : deltas) {
            backend.kernels().axpby(sum, delta.scale(), ((OutputBias) delta.extra()).bias().value(), 1);
        }
        StoredTensor delta = StoredTensor.copyOf(backend, sum);
        backend.free(sum.storage());
        add(bias.name(), StoredTensor.copyOf(backend, bias.value()), delta, ChannelFactors.ones(), 0);
    }

    private void add(String path, StoredTensor base, StoredTensor delta, ChannelFactors factors, double noise) {
        DType target = options.target() == null ? base.dtype() : options.target();
        StoredTensor sum = StoredTensor.zeros(target, base.shape());
        MergeReport.Entry entry = addInto(path, sum, base, delta, factors, noise);
        if (entry.loss() > options.maxLoss()) {
            throw new MergeException(String.format(Locale.ROOT,
                    "'%s': rounding to %s would lose a share of %.3g of the update, more than %.3g. "
                            + "Merge into a wider type, or allow the loss explicitly.",
                    path, target, entry.loss(), options.maxLoss()));
        }
        report.add(entry);
        put(path, sum.to(store.backend(), target));
    }

    private StoredTensor deltaOf(Weight weight, WeightOrder order, List<LoraDelta> deltas) {
        Backend backend = store.backend();
        Tensor delta = backend.allocate(store.compute(), weight.shape());
        try {
            backend.kernels().fill(delta, 0);
            deltas.forEach(each -> each.addTo(backend.kernels(), delta, order));
            return StoredTensor.copyOf(backend, delta);
        } finally {
            backend.free(delta.storage());
        }
    }

    /// What each output channel of `base + delta` is multiplied by: DoRA's `m/‖W + s·B·A‖`, otherwise 1.
    private ChannelFactors factors(
            List<LoraDelta> deltas, StoredTensor base, StoredTensor delta, WeightOrder order) {
        return deltas.getFirst().extra() instanceof Dora dora
                ? ChannelFactors.normalising(
                        StoredTensor.copyOf(store.backend(), dora.magnitude().value()), base, delta, order)
                : ChannelFactors.ones();
    }

    /// `sum ← f∘(base + delta)`, counting what rounding does.
    private static MergeReport.Entry addInto(
            String path, StoredTensor sum, StoredTensor base, StoredTensor delta, ChannelFactors factors,
            double noise) {
        double weights = 0;
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
            weights += w * w;
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
        double share = squares <= noise * noise * weights ? 0 : Math.sqrt(lost / squares);
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

    /// The head that was tied to a replaced table gets the base's as a weight of its own, unless it was replaced, too.
    private void untie(String head, String table) {
        if (!merged.containsKey(head)) {
            Frozen base = store.all().stream().filter(weight -> weight.name().equals(table)).findFirst().orElseThrow();
            StoredTensor own = StoredTensor.widened(store.backend(), store.compute(), base.value());
            put(head, own.to(store.backend(), own.dtype()));
            notes.add("'%s' was replaced for look-ups; the head has the base's as '%s', no longer tied (as in PEFT)"
                    .formatted(table, head));
        }
    }

    private void put(String path, Tensor tensor) {
        owned.add(tensor);
        merged.put(path, new Frozen(path, tensor));
    }
}
