package dev.lorikeet.autograd;

import dev.lorikeet.autograd.op.Op;
import dev.lorikeet.tensor.Tensor;
import java.util.List;

/// A recorded op with its result, its inputs and the tensors it has saved.
record Recorded(Op op, Activation output, Variable[] inputs, List<Tensor> saved) {}
