package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Tensor;
import java.util.List;

/// A recorded op with its result, its inputs and the tensors it has saved; without an op, a leaf, behind which there is
/// nothing to go back through.
record Recorded(Backward op, Activation output, Variable[] inputs, List<Tensor> saved) {
    static Recorded leaf(Activation output) {
        return new Recorded(null, output, new Variable[0], List.of());
    }

    boolean isLeaf() {
        return op == null;
    }
}
