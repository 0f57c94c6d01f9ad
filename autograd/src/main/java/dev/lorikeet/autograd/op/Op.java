package dev.lorikeet.autograd.op;

import dev.lorikeet.autograd.Backward;

/// A recorded operation. Its components are what its backward needs, nothing else.
public sealed interface Op extends Backward
        permits Add,
                Attention,
                CrossEntropy,
                Dropout,
                Elementwise,
                EmbeddingSum,
                LayerNorm,
                Linear,
                LinearCrossEntropy,
                LowRankDelta,
                Magnitude,
                MatMul,
                Multiply,
                Recompute,
                Reshape,
                Scale,
                SelectRows,
                SelfAttention,
                Softmax,
                Sum,
                SumRows,
                Take {}
