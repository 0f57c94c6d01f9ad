package dev.lorikeet.models.method;

import dev.lorikeet.lora.StoredAdapter;
import dev.lorikeet.models.Architecture;
import dev.lorikeet.nn.WeightStore;
import java.util.List;
import java.util.function.UnaryOperator;

/// What a [Method] is applied to.
///
/// @param store        the frozen weights
/// @param architecture how a model is built over them
/// @param heads        paths of the modules that the task brings and that every method trains as a whole
/// @param fit          makes an adapter that was trained for another task fit this one: a head of other classes is left
///                     behind
/// @param <M>          the kind of model
public record Tunable<M>(
        WeightStore store, Architecture<? extends M> architecture, List<String> heads,
        UnaryOperator<StoredAdapter> fit) {
    public Tunable {
        heads = List.copyOf(heads);
    }

    /// A model whose task needs no new head.
    public static <M> Tunable<M> of(WeightStore store, Architecture<? extends M> architecture) {
        return new Tunable<>(store, architecture, List.of(), UnaryOperator.identity());
    }
}
