package dev.lorikeet.lora;

import dev.lorikeet.autograd.Weight;
import dev.lorikeet.nn.WeightRequest;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/// Where the numbers of an adapter come from when a model asks for them.
interface AdapterSource {
    /// The update of the projection at `site`, or empty if it gets none.
    Optional<LoraDelta> delta(Site site);

    /// The weight that replaces the base's, or empty.
    Optional<Weight> saved(WeightRequest wanted);

    /// Checks that the adapter fits a model that has been built.
    ///
    /// @param projections paths of all modules that targets can mean
    /// @param weights     paths of all its weights
    /// @param repeated    second names of some of them
    /// @throws AdapterMismatch if it does not
    void check(Collection<String> projections, Collection<String> weights, Map<String, String> repeated);
}
