package dev.lorikeet.models.method;

import dev.lorikeet.models.Architecture;
import dev.lorikeet.nn.WeightStore;

/// A way to fine-tune: which weights of a model are trained, which are added for that, and what of them is saved.
///
/// A method is a record of choices and knows no data: it makes of a [Tunable] (frozen weights, an architecture, the new
/// head of a task) a [Tuned] model, which knows its trainable weights and how to write them.
public sealed interface Method permits Lora, ContinuedLora, HeadOnly {
    /// Builds the model with what this method trains.
    ///
    /// @param seed of everything that starts at random
    <M> Tuned<M> apply(Tunable<M> model, long seed);

    /// Builds a model whose task needs no new head.
    default <M> Tuned<M> apply(WeightStore store, Architecture<? extends M> architecture, long seed) {
        return apply(Tunable.of(store, architecture), seed);
    }
}
