package dev.lorikeet.bench.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.lorikeet.tensor.AdamStep;
import dev.lorikeet.tensor.AttentionSpec;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Sequences;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.concurrent.atomic.AtomicInteger;

/// One call of one kernel with its operands in memory: what our backend runs, and what a peer reads to do the same.
public sealed interface Kernel {
    /// Runs it on our kernels.
    void run(Kernels kernels);

    /// What it computes, as far as contenders are compared by it.
    Tensor result();

    /// A number that changes if the result does: the mean distance of some elements, spread over all, from 0.3.
    static double probe(Tensor tensor) {
        return probe(tensor.storage().segment().asSlice(4 * tensor.offset(), 4 * tensor.size()), tensor.size());
    }

    /// [#probe(Tensor)] of `size` floats in memory.
    static double probe(java.lang.foreign.MemorySegment floats, long size) {
        int probes = 64;
        double sum = 0;
        for (int i = 0; i < probes; i++) {
            sum += Math.abs(floats.getAtIndex(JAVA_FLOAT, i * (size - 1) / (probes - 1)) - 0.3);
        }
        return sum / probes;
    }

    /// `y ← f(x)`.
    record Map(Tensor y, Tensor x, UnaryFunction f) implements Kernel {
        @Override
        public void run(Kernels kernels) {
            kernels.map(y, x, f);
        }

        @Override
        public Tensor result() {
            return y;
        }
    }

    /// `dx ← dy∘f′(x)`.
    record MapBackward(Tensor dx, Tensor dy, Tensor x, UnaryFunction f) implements Kernel {
        @Override
        public void run(Kernels kernels) {
            kernels.mapBackward(dx, dy, x, f, 0);
        }

        @Override
        public Tensor result() {
            return dx;
        }
    }

    /// `y ← softmax(x)` over each row.
    record Softmax(Tensor y, Tensor x) implements Kernel {
        @Override
        public void run(Kernels kernels) {
            kernels.softmax(y, x, x.cols());
        }

        @Override
        public Tensor result() {
            return y;
        }
    }

    /// Layer norm over each row with weight and bias.
    record LayerNorm(Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor weight, Tensor bias) implements Kernel {
        /// What is added to the variance.
        public static final double EPS = 1e-5;

        @Override
        public void run(Kernels kernels) {
            kernels.layerNorm(y, mean, rstd, x, weight, bias, EPS);
        }

        @Override
        public Tensor result() {
            return y;
        }
    }

    /// The input gradient of layer norm; its weight is frozen. `forward` has been run.
    record LayerNormBackward(Tensor dx, Tensor dy, LayerNorm forward) implements Kernel {
        @Override
        public void run(Kernels kernels) {
            kernels.layerNormBackward(
                    dx, dy, forward.x(), forward.mean(), forward.rstd(), forward.weight(), 0);
        }

        @Override
        public Tensor result() {
            return dx;
        }
    }

    /// Dropout with probability `p`. Everyone has masks of his own, so results are not compared.
    record Dropout(Tensor y, Tensor x, double p) implements Kernel {
        @Override
        public void run(Kernels kernels) {
            kernels.dropout(y, x, p, new RandomKey(3, 0), 0);
        }

        @Override
        public Tensor result() {
            return y;
        }
    }

    /// One AdamW step: rate 1e-3, decay 0.01, β 0.9 and 0.999. `steps` counts them, from 0 before the first.
    record Adam(Tensor p, Tensor g, Tensor m, Tensor v, AtomicInteger steps) implements Kernel {
        @Override
        public void run(Kernels kernels) {
            int t = steps.incrementAndGet();
            double first = 1 - Math.pow(0.9, t);
            double second = 1 - Math.pow(0.999, t);
            kernels.adam(p, g, m, v, null,
                    new AdamStep(1e-3 / first, 0.9, 0.999, 1e-8, 1 / Math.sqrt(second), 1e-5, 0, 0, 1));
        }

        @Override
        public Tensor result() {
            return p;
        }
    }

    /// Cross-entropy of stored logits and its gradient.
    record CrossEntropy(Tensor dlogits, Tensor nll, Tensor lse, Tensor logits, Tensor labels, Tensor ones)
            implements Kernel {
        @Override
        public void run(Kernels kernels) {
            kernels.crossEntropy(nll, lse, logits, labels, 0);
            kernels.crossEntropyBackward(dlogits, ones, logits, lse, labels, 0, 0);
        }

        @Override
        public Tensor result() {
            return nll;
        }
    }

    /// The head: logits, their loss and the gradient of the hidden rows, without ever holding all the logits.
    record Head(Tensor dx, Tensor nll, Tensor lse, Tensor x, Tensor w, Tensor labels, Tensor chunk) implements Kernel {
        @Override
        public void run(Kernels kernels) {
            kernels.linearCrossEntropy(nll, lse, dx, x, w, labels, 0, 1, chunk);
        }

        @Override
        public Tensor result() {
            return dx;
        }
    }

    /// Causal self-attention on the columns of a fused `(N, 3C)`.
    record Attention(Tensor out, Tensor lse, Tensor qkv, Sequences sequences, AttentionSpec spec) implements Kernel {
        @Override
        public void run(Kernels kernels) {
            int C = out.cols();
            kernels.attention(out, lse, qkv.cols(0, C), qkv.cols(C, 2 * C), qkv.cols(2 * C, 3 * C),
                    sequences, sequences, spec);
        }

        @Override
        public Tensor result() {
            return out;
        }
    }

    /// [Attention] and then the gradient of its input.
    record AttentionBoth(Tensor dqkv, Tensor dout, Tensor delta, Attention forward) implements Kernel {
        @Override
        public void run(Kernels kernels) {
            forward.run(kernels);
            int C = dout.cols();
            Tensor qkv = forward.qkv();
            kernels.attentionBackward(
                    dqkv.cols(0, C), dqkv.cols(C, 2 * C), dqkv.cols(2 * C, 3 * C), delta, dout, forward.out(),
                    forward.lse(), qkv.cols(0, C), qkv.cols(C, 2 * C), qkv.cols(2 * C, 3 * C),
                    forward.sequences(), forward.sequences(), forward.spec(), 0);
        }

        @Override
        public Tensor result() {
            return dqkv;
        }
    }
}
