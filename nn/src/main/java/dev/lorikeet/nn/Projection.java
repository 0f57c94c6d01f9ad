package dev.lorikeet.nn;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;

/// Something that maps rows of `in` columns to rows of `out` columns: a [Linear], or one with adapters.
public interface Projection {
    /// @param x `(N, in)`
    /// @return `(N, out)`, a fresh activation
    Activation forward(Tape tape, Variable x);
}
