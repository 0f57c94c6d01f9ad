package dev.lorikeet.lora;

import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.nn.WeightOverrides;
import dev.lorikeet.nn.WeightRequest;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.Tensor;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The weights of a merged model, to be built with `Projections.plain()`. They are the only thing that a merged model
/// has more than its base, so forgetting them ([#unmerge]) gives the base back bit for bit.
public final class MergedWeights implements WeightOverrides, AutoCloseable {
    private final Backend backend;
    private final Map<String, Frozen> weights;
    private final List<Tensor> owned;
    private final MergeReport report;

    MergedWeights(Backend backend, Map<String, Frozen> weights, List<Tensor> owned, MergeReport report) {
        this.backend = backend;
        this.weights = weights;
        this.owned = owned;
        this.report = report;
    }

    @Override
    public Optional<Weight> at(WeightRequest wanted) {
        return Optional.ofNullable(weights.get(wanted.path()));
    }

    /// The weights that differ from the base's, by path.
    public Map<String, Frozen> weights() {
        return Collections.unmodifiableMap(weights);
    }

    public MergeReport report() {
        return report;
    }

    /// Takes the merge back: frees the merged weights and returns overrides that override nothing, so that a model
    /// built with them is the base again. No merged model may be used afterwards.
    public WeightOverrides unmerge() {
        close();
        return WeightOverrides.none();
    }

    @Override
    public void close() {
        owned.forEach(tensor -> backend.free(tensor.storage()));
        owned.clear();
        weights.clear();
    }
}
