package dev.lorikeet.autograd;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;

/// The value of an input in an op's backward: an activation that is cheap to compute from what is kept anyway is not
/// kept itself (selective recomputation: Korthikanti et al., *Reducing Activation Recomputation in Large Transformer
/// Models*, 2022, §5). Made by [Saver#operand].
public sealed interface Operand {
    /// The value: as it was kept, or computed into memory that lasts until this backward returns.
    Tensor value(Grads grads);

    /// An operand that was kept since the forward.
    ///
    /// @param tensor the value
    record Kept(Tensor tensor) implements Operand {
        @Override
        public Tensor value(Grads grads) {
            return tensor;
        }
    }

    /// An operand that is computed again. The op that made it comes later in the backward pass than the one that asks,
    /// so what it has kept is still there.
    ///
    /// @param source the recorded op that made it
    /// @param dtype  its element type
    /// @param shape  its extents
    record Recomputed(Recomputable source, DType dtype, Shape shape) implements Operand {
        @Override
        public Tensor value(Grads grads) {
            Tensor value = grads.temporary(dtype, shape);
            source.recompute(value, grads);
            return value;
        }
    }
}
