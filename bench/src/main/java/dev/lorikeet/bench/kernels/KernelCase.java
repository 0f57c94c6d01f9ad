package dev.lorikeet.bench.kernels;

import dev.lorikeet.autograd.op.LinearCrossEntropy;
import dev.lorikeet.bench.compare.Work;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Philox;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.UnaryFunction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/// A kernel at some size, not yet in memory.
///
/// @param name   what and how large, such as `gelu 1024x3072`
/// @param work   operations and bytes of one call
/// @param create allocates and fills the operands
record KernelCase(String name, Work work, Function<Backend, Kernel> create) {
    static KernelCase gelu(int rows, int cols) {
        return map("gelu", UnaryFunction.GELU_TANH, rows, cols);
    }

    static KernelCase geluBackward(int rows, int cols) {
        return mapBackward("gelu", UnaryFunction.GELU_TANH, rows, cols);
    }

    static KernelCase map(String name, UnaryFunction f, int rows, int cols) {
        double n = (double) rows * cols;
        return new KernelCase("%s %dx%d".formatted(name, rows, cols), Work.of(0, 8 * n), backend ->
                new Kernel.Map(empty(backend, rows, cols), random(backend, 1, rows, cols), f));
    }

    static KernelCase mapBackward(String name, UnaryFunction f, int rows, int cols) {
        double n = (double) rows * cols;
        return new KernelCase("%s backward %dx%d".formatted(name, rows, cols), Work.of(0, 12 * n), backend ->
                new Kernel.MapBackward(empty(backend, rows, cols), random(backend, 2, rows, cols),
                        random(backend, 1, rows, cols), f));
    }

    static KernelCase softmax(int rows, int cols) {
        return new KernelCase("softmax %dx%d".formatted(rows, cols), Work.of(0, 8.0 * rows * cols), backend ->
                new Kernel.Softmax(empty(backend, rows, cols), random(backend, 1, rows, cols)));
    }

    static KernelCase layerNorm(int rows, int cols) {
        return new KernelCase("layer norm %dx%d".formatted(rows, cols), Work.of(0, 8.0 * rows * cols),
                backend -> norm(backend, rows, cols));
    }

    static KernelCase layerNormBackward(int rows, int cols) {
        return new KernelCase("layer norm backward %dx%d".formatted(rows, cols), Work.of(0, 12.0 * rows * cols),
                backend -> {
                    Kernel.LayerNorm forward = norm(backend, rows, cols);
                    forward.run(backend.kernels());
                    return new Kernel.LayerNormBackward(
                            empty(backend, rows, cols), random(backend, 2, rows, cols), forward);
                });
    }

    private static Kernel.LayerNorm norm(Backend backend, int rows, int cols) {
        return new Kernel.LayerNorm(empty(backend, rows, cols), empty(backend, rows), empty(backend, rows),
                random(backend, 1, rows, cols), random(backend, 3, cols), random(backend, 4, cols));
    }

    static KernelCase dropout(int rows, int cols) {
        return new KernelCase("dropout %dx%d".formatted(rows, cols), Work.of(0, 8.0 * rows * cols), backend ->
                new Kernel.Dropout(empty(backend, rows, cols), random(backend, 1, rows, cols), 0.1));
    }

    static KernelCase adam(int rows, int cols) {
        return new KernelCase("adamw %dx%d".formatted(rows, cols), Work.of(0, 28.0 * rows * cols), backend -> {
            Tensor m = empty(backend, rows, cols);
            Tensor v = empty(backend, rows, cols);
            backend.kernels().fill(m, 0);
            backend.kernels().fill(v, 0);
            return new Kernel.Adam(random(backend, 1, rows, cols), random(backend, 2, rows, cols), m, v,
                    new AtomicInteger());
        });
    }

    static KernelCase crossEntropy(int rows, int vocabulary) {
        double n = (double) rows * vocabulary;
        return new KernelCase("cross-entropy both %dx%d".formatted(rows, vocabulary), Work.of(0, 12 * n), backend -> {
            Tensor ones = empty(backend, rows);
            backend.kernels().fill(ones, 1);
            return new Kernel.CrossEntropy(empty(backend, rows, vocabulary), empty(backend, rows),
                    empty(backend, rows), random(backend, 1, rows, vocabulary), labels(backend, rows, vocabulary),
                    ones);
        });
    }

    static KernelCase head(int rows, int cols, int vocabulary) {
        Work work = Work.of(4.0 * rows * cols * vocabulary, 4.0 * cols * ((double) vocabulary + 2 * rows));
        return new KernelCase("head, loss, gradient %dx%dx%d".formatted(rows, cols, vocabulary), work, backend -> {
            int chunk = Math.clamp(LinearCrossEntropy.chunkRows(rows, vocabulary, DType.F32), 1, rows);
            return new Kernel.Head(empty(backend, rows, cols), empty(backend, rows), empty(backend, rows),
                    random(backend, 1, rows, cols), random(backend, 2, vocabulary, cols),
                    labels(backend, rows, vocabulary), empty(backend, chunk, vocabulary));
        });
    }

    static KernelCase attention(int sequences, int length, int heads, int headSize) {
        return new KernelCase("attention %dx%d".formatted(sequences, length),
                attentionWork(sequences, length, heads, headSize, true, 1, 4),
                backend -> forward(backend, sequences, length, heads, headSize, true));
    }

    static KernelCase attentionBoth(int sequences, int length, int heads, int headSize) {
        return attentionBoth("attention both", sequences, length, heads, headSize, true);
    }

    /// Every token sees every token of its sequence.
    static KernelCase fullAttentionBoth(int sequences, int length, int heads, int headSize) {
        return attentionBoth("full attention both", sequences, length, heads, headSize, false);
    }

    /// Heads of another size than usual.
    static KernelCase attentionBothOf(int sequences, int length, int heads, int headSize) {
        return attentionBoth("attention both d=" + headSize, sequences, length, heads, headSize, true);
    }

    private static KernelCase attentionBoth(
            String name, int sequences, int length, int heads, int headSize, boolean causal) {
        int rows = sequences * length;
        int cols = heads * headSize;
        return new KernelCase("%s %dx%d".formatted(name, sequences, length),
                attentionWork(sequences, length, heads, headSize, causal, 3.5, 12),
                backend -> new Kernel.AttentionBoth(empty(backend, rows, 3 * cols), random(backend, 2, rows, cols),
                        empty(backend, rows, heads), forward(backend, sequences, length, heads, headSize, causal)));
    }

    /// Two products forward and five backward over what causality leaves; operands and results once.
    private static Work attentionWork(
            int sequences, int length, int heads, int d, boolean causal, double products, int tensors) {
        double pairs = causal ? length * (length + 1.0) / 2 : (double) length * length;
        return Work.of(products * 4 * sequences * heads * d * pairs, 4.0 * tensors * sequences * length * heads * d);
    }

    private static Kernel.Attention forward(
            Backend backend, int sequences, int length, int heads, int d, boolean causal) {
        int rows = sequences * length;
        int[] lengths = new int[sequences];
        Arrays.fill(lengths, length);
        return new Kernel.Attention(empty(backend, rows, heads * d), empty(backend, rows, heads),
                random(backend, 1, rows, 3 * heads * d), Sequences.of(lengths),
                new AttentionSpec(heads, 1 / Math.sqrt(d), causal));
    }

    static Tensor empty(Backend backend, int... dims) {
        return backend.allocate(DType.F32, Shape.of(dims));
    }

    static Tensor random(Backend backend, int stream, int... dims) {
        Tensor tensor = empty(backend, dims);
        backend.kernels().uniform(tensor, -1, 1, new RandomKey(11, stream));
        return tensor;
    }

    static Tensor labels(Backend backend, int rows, int vocabulary) {
        Tensor labels = backend.allocate(DType.I32, Shape.of(rows));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate(ValueLayout.JAVA_INT, rows);
            for (int i = 0; i < rows; i++) {
                host.setAtIndex(ValueLayout.JAVA_INT, i,
                        Integer.remainderUnsigned(Philox.word(new RandomKey(11, 9), i), vocabulary));
            }
            backend.upload(labels, host);
        }
        return labels;
    }
}
