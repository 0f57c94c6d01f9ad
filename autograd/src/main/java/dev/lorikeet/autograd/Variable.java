package dev.lorikeet.autograd;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;

/// An operand of an op: an [Activation] of this step or a [Weight] of the model.
public sealed interface Variable permits Activation, Weight {
    Tensor value();

    default Shape shape() {
        return value().shape();
    }

    default DType dtype() {
        return value().dtype();
    }
}
