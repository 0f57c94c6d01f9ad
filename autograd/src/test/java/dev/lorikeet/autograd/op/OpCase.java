package dev.lorikeet.autograd.op;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.TestEngine;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/// One way of using an op, for the gradient test.
///
/// @param op       which op it exercises
/// @param name     what is special about it
/// @param values   makes the values of the inputs
/// @param function applies the op to variables that hold these values
record OpCase(Class<? extends Op> op, String name, Function<TestEngine, List<Tensor>> values, Use function) {
    interface Use {
        Activation apply(Tape tape, Variable[] inputs, TestEngine engine);
    }

    /// Inputs of these extents with standard normal values.
    static OpCase of(Class<? extends Op> op, String name, Use function, int[]... dims) {
        return new OpCase(
                op, name, engine -> Arrays.stream(dims).map(engine::normal).toList(), function);
    }

    static int[] dims(int... dims) {
        return dims;
    }

    @Override
    public String toString() {
        return op.getSimpleName() + (name.isEmpty() ? "" : ", " + name);
    }
}
