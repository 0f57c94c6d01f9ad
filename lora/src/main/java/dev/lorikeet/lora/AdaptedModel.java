package dev.lorikeet.lora;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.WeightStore;
import dev.lorikeet.nn.Weights;
import java.util.List;
import java.util.function.BiFunction;

/// A model built with adapters active in it.
///
/// ```java
/// LoraAdapter adapter = LoraAdapter.fresh(LoraConfig.of(4, 32, "c_attn[q,v]"), store, seed);
/// AdaptedModel<Gpt2> adapted = AdaptedModel.build(store, List.of(adapter),
///         (weights, projections) -> new Gpt2(config, weights, projections));
/// ```
///
/// Models over one store share its frozen weights: to switch adapters, build one model for each and use whichever is
/// wanted. No weight is loaded again.
///
/// @param model       the model
/// @param adapters    the active adapters
/// @param projections what it was built with
public record AdaptedModel<M>(M model, List<LoraAdapter> adapters, LoraProjections projections) {
    /// Builds a model and checks that the adapters fit it.
    ///
    /// @param architecture calls the model's constructor
    /// @throws AdapterMismatch if an adapter does not fit
    public static <M> AdaptedModel<M> build(
            WeightStore store, List<LoraAdapter> adapters, BiFunction<Weights, Projections, M> architecture) {
        LoraProjections projections = new LoraProjections(adapters);
        M model = architecture.apply(Weights.of(store, projections.overrides()), projections);
        projections.checkMatched();
        return new AdaptedModel<>(model, List.copyOf(adapters), projections);
    }

    /// What an optimizer has to train, of all adapters.
    public List<Trainable> trainables() {
        return adapters.stream().flatMap(adapter -> adapter.trainables().stream()).toList();
    }
}
