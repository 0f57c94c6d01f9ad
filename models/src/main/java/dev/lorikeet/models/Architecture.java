package dev.lorikeet.models;

import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.Weights;
import java.util.Set;
import java.util.function.BiFunction;

/// How a model is built over weights: a configuration together with a head.
///
/// @param constructor calls the model's constructor
/// @param tied        paths of weights that two parts of the model share
public record Architecture<M>(BiFunction<Weights, Projections, M> constructor, Set<String> tied) {
    public Architecture {
        tied = Set.copyOf(tied);
    }

    /// A model whose parts share no weight.
    public static <M> Architecture<M> of(BiFunction<Weights, Projections, M> constructor) {
        return new Architecture<>(constructor, Set.of());
    }

    public M build(Weights weights, Projections projections) {
        return constructor.apply(weights, projections);
    }
}
