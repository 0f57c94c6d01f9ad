package dev.lorikeet.bench.ops;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Frozen;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.op.ColumnSlice;
import dev.lorikeet.autograd.op.Elementwise;
import dev.lorikeet.autograd.op.LayerNorm;
import dev.lorikeet.autograd.op.Linear;
import dev.lorikeet.autograd.op.LowRankDelta;
import dev.lorikeet.autograd.op.SelfAttention;
import dev.lorikeet.autograd.op.WeightOrder;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.Arrays;
import java.util.List;

/// One op of a transformer block on a tape, forward and backward with a gradient from above. The input is trainable, so
/// that a gradient has to reach it; weights are frozen, but for the adapter's.
final class OpRun implements AutoCloseable {
    private static final double EPS = 1e-5;

    private final Backend backend;
    private final Pool pool;
    private final OpKind kind;
    private final int columns;
    private final int rank;
    private final Sequences sequences;
    private final Trainable x;
    private final Frozen w;
    private final Frozen weight;
    private final Frozen bias;
    private final Trainable a;
    private final Trainable b;
    private final Tensor dy;

    /// `count` sequences of `length` tokens with `columns` columns, adapters of rank `rank`.
    OpRun(Backend backend, OpKind kind, int count, int length, int columns, int rank) {
        this.backend = backend;
        this.kind = kind;
        this.columns = columns;
        this.rank = rank;
        pool = new Pool(backend);
        int[] lengths = new int[count];
        Arrays.fill(lengths, length);
        sequences = Sequences.of(lengths);
        int rows = count * length;
        int in = kind == OpKind.GELU ? 4 * columns : kind == OpKind.SELF_ATTENTION ? 3 * columns : columns;
        int out = kind == OpKind.LORA_QKV ? 3 * columns : kind == OpKind.SELF_ATTENTION ? columns : in;
        x = trainable("x", rows, in);
        w = new Frozen("w", random(1, columns, out));
        weight = new Frozen("weight", random(2, columns));
        bias = new Frozen("bias", random(3, out));
        a = trainable("a", 2 * rank, columns);
        b = trainable("b", 2 * columns, rank);
        dy = random(4, rows, out);
    }

    private Trainable trainable(String name, int... dims) {
        return Trainable.of(backend, name, random(name.hashCode(), dims));
    }

    private Tensor random(int stream, int... dims) {
        Tensor tensor = backend.allocate(DType.F32, Shape.of(dims));
        backend.kernels().uniform(tensor, -1, 1, new RandomKey(17, stream));
        return tensor;
    }

    /// Forward and backward.
    ///
    /// @return the sum of squares of the input's gradient
    double run() {
        try (Tape tape = Tape.training(pool, null)) {
            tape.backward(forward(tape), dy);
        }
        double size = backend.kernels().sumOfSquares(x.grad());
        List.of(x, a, b).forEach(Trainable::clearGrad);
        return size;
    }

    private Activation forward(Tape tape) {
        return switch (kind) {
            case LINEAR -> Linear.apply(tape, x, w, bias, WeightOrder.IN_OUT);
            case LORA_QKV -> LowRankDelta.apply(tape, Linear.apply(tape, x, w, bias, WeightOrder.IN_OUT), x, a, b,
                    List.of(new ColumnSlice(0, columns), new ColumnSlice(2 * columns, 3 * columns)), 32.0 / rank, 0);
            case LAYER_NORM -> LayerNorm.apply(tape, x, weight, bias, EPS);
            case GELU -> Elementwise.apply(tape, x, UnaryFunction.GELU_TANH);
            case SELF_ATTENTION -> SelfAttention.apply(
                    tape, x, sequences, new AttentionSpec(columns / 64, 0.125, true));
        };
    }

    /// The gradient that the last run left is cleared, the memory of the tape is kept: how often it was asked for.
    long allocations() {
        return pool.allocations();
    }

    @Override
    public void close() {
        pool.close();
    }
}
