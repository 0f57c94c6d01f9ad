package dev.lorikeet.models;

import dev.lorikeet.nn.Projections;
import dev.lorikeet.nn.Weights;
import java.util.function.BiFunction;

/// How a model is built over weights: a configuration together with a head.
///
/// @param constructor calls the model's constructor
public record Architecture<M>(BiFunction<Weights, Projections, M> constructor) {
    public M build(Weights weights, Projections projections) {
        return constructor.apply(weights, projections);
    }
}
