package dev.lorikeet.nn;

import dev.lorikeet.autograd.op.WeightOrder;

/// Makes the projections of a model while it is being built. This is the seam at which adapters are injected: a model
/// asks for each projection by name and does not know whether it gets a plain [Linear] or an adapted one.
@FunctionalInterface
public interface Projections {
    /// @param at scope of the projection itself: its weight is `at.get("weight", …)`
    Projection create(Weights at, int in, int out, WeightOrder order, Initializer initializer);

    /// Plain frozen projections.
    static Projections plain() {
        return Linear::new;
    }
}
