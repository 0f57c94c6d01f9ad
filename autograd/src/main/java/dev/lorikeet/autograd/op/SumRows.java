package dev.lorikeet.autograd.op;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Grads;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;

/// `y (C) = Σᵢ x[i]` over the rows of `x (N, C)`.     `dx[i] = dy` for every row.
public record SumRows() implements Op {
    public static Activation apply(Tape tape, Variable x) {
        Tensor y = tape.allocate(x.dtype(), Shape.of(x.value().cols()));
        tape.kernels().sumRows(y, x.value(), 0);
        return tape.record(SumRows.class, y, _ -> new SumRows(), x);
    }

    @Override
    public void backward(Tensor dy, Grads grads) {
        grads.into(0, (dx, beta) -> {
            if (beta == 0) {
                grads.kernels().fill(dx, 0);
            }
            grads.kernels().addBias(dx, dx, dy);   // beta is 0 or 1
        });
    }
}
