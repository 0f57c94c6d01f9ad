package dev.lorikeet.nn;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.tensor.Shape;

/// `y = x·Wᵀ + b`, or `y = x·W + b` for a weight stored `(in, out)`; see [dev.lorikeet.autograd.op.Linear]. Without a
/// bias where the architecture has none.
public final class Linear implements Projection {
    private final Weight weight;
    private final Weight bias;
    private final WeightOrder order;

    /// Takes `weight` and `bias` from `at`.
    public Linear(Weights at, int in, int out, WeightOrder order, Initializer initializer) {
        this(at, in, out, order, initializer, true);
    }

    /// @param biased whether there is a bias to take
    public Linear(Weights at, int in, int out, WeightOrder order, Initializer initializer, boolean biased) {
        this.weight = at.get("weight", order == WeightOrder.OUT_IN ? Shape.of(out, in) : Shape.of(in, out),
                initializer, order);
        this.bias = biased ? at.get("bias", Shape.of(out), Initializer.zeros()) : null;
        this.order = order;
    }

    public Weight weight() {
        return weight;
    }

    /// Null if it has none.
    public Weight bias() {
        return bias;
    }

    public WeightOrder order() {
        return order;
    }

    @Override
    public Activation forward(Tape tape, Variable x) {
        return product(tape, x, bias);
    }

    /// The same with another bias.
    ///
    /// @param other `(out)`, or null for none
    public Activation product(Tape tape, Variable x, Variable other) {
        return dev.lorikeet.autograd.op.Linear.apply(tape, x, weight, other, order);
    }
}
