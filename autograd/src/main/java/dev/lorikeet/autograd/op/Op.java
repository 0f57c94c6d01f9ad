package dev.lorikeet.autograd.op;

import dev.lorikeet.autograd.Grads;
import dev.lorikeet.tensor.Tensor;

/// A recorded operation. Its components are what its backward needs, nothing else.
public sealed interface Op
        permits Add,
                Attention,
                Recompute,
                CrossEntropy,
                Dropout,
                EmbeddingSum,
                LayerNorm,
                Linear,
                LinearCrossEntropy,
                LowRankDelta,
                Magnitude,
                Elementwise,
                MatMul,
                Multiply,
                Reshape,
                Scale,
                SelectRows,
                SelfAttention,
                Softmax,
                Sum,
                SumRows,
                Take {
    /// Adds this op's contribution to the gradients of its inputs.
    ///
    /// @param dy gradient of the loss with respect to the op's result
    void backward(Tensor dy, Grads grads);
}
