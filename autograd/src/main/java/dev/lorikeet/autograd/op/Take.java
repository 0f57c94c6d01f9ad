package dev.lorikeet.autograd.op;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Grads;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.ShapeMismatch;
import dev.lorikeet.tensor.Tensor;

/// `y[i] = x[index[i]]` over flattened elements, 0 where the index is negative: every transposition, slice, expansion
/// or selection that is not worth a kernel of its own.     `dx[index[i]] += dy[i]`.
///
/// @param index I32, one entry per element of y
public record Take(Tensor index) implements Op {
    /// @param index I32, as many elements as `shape`
    public static Activation apply(Tape tape, Variable x, Tensor index, Shape shape) {
        if (index.size() != shape.size()) {
            throw new ShapeMismatch("take", index.shape(), shape, "one index per element of the result is needed");
        }
        Tensor y = tape.allocate(x.dtype(), shape);
        tape.kernels().take(y, x.value(), index);
        return tape.record(Take.class, y, save -> new Take(save.keep(index)), x);
    }

    @Override
    public void backward(Tensor dy, Grads grads) {
        grads.into(0, (dx, beta) -> grads.kernels().takeBackward(dx, dy, index, beta));
    }
}
