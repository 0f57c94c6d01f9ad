package dev.lorikeet.nn;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.op.Dropout;
import dev.lorikeet.autograd.op.Elementwise;
import dev.lorikeet.tensor.UnaryFunction;

/// The feed-forward half of a block: `drop(c_proj(f(c_fc(x))))`.
///
/// @param cFc        `(N, C) → (N, inner)`, usually four times as wide
/// @param cProj      `(N, inner) → (N, C)`
/// @param activation `f`
/// @param dropout    of the result
public record Mlp(Projection cFc, Projection cProj, UnaryFunction activation, double dropout) {
    public Variable forward(Tape tape, Variable x) {
        Activation h = cFc.forward(tape, x);                                                         // (N, inner)
        return Dropout.apply(tape, cProj.forward(tape, Elementwise.apply(tape, h, activation)), dropout);    // (N, C)
    }
}
