package dev.lorikeet.nn;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.tensor.Shape;

/// Layer normalisation with weight and bias; see [dev.lorikeet.autograd.op.LayerNorm].
public final class LayerNorm {
    private final Weight weight;
    private final Weight bias;
    private final double eps;

    public LayerNorm(Weights at, int size, double eps) {
        this.weight = at.get("weight", Shape.of(size), Initializer.ones());
        this.bias = at.get("bias", Shape.of(size), Initializer.zeros());
        this.eps = eps;
    }

    public Activation forward(Tape tape, Variable x) {
        return dev.lorikeet.autograd.op.LayerNorm.apply(tape, x, weight, bias, eps);
    }
}
