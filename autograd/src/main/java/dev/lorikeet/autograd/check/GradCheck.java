package dev.lorikeet.autograd.check;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Philox;
import dev.lorikeet.tensor.Pool;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/// Compares the gradients that a backward pass computes with difference quotients of the forward pass.
///
/// ```java
/// GradCheck.on(backend)
///         .check(tape -> Linear.apply(tape, x, w, b, WeightOrder.OUT_IN), List.of(w, b))
///         .assertCorrect(1e-6);
/// ```
///
/// The function may return an activation `y` of any shape. It is reduced to `L = Σ p∘y` with a fixed random `p`
/// (standard normal), which no sign error, transposition or lost term survives. For each element `w` of a weight the
/// check takes the four-point central difference
///
/// ```text
/// ∂L/∂w ≈ (8·(L(w + h) − L(w − h)) − (L(w + 2h) − L(w − 2h))) / 12h
/// ```
///
/// whose truncation error is `h⁴·L⁽⁵⁾/30` and whose rounding error is about `2⁻⁵³·|L|/h`. With `h = 2⁻¹⁰` times the
/// root mean square of the weight both are near 10⁻¹², so a tolerance of 10⁻⁶ is comfortable in F64, the only type
/// allowed. (The usual two-point quotient reaches 10⁻¹⁰ at best.) The quotient is formed element by element of y before
/// the sum, so that large terms which do not depend on `w` cancel exactly. A function with a kink within `2h` of a
/// weight cannot be checked there.
///
/// Step memory is a [PoisonedBackend]'s, and the gradient buffers are filled with NaN first: an op that reads what it
/// has not written fails the check. Values are restored bit for bit; afterwards the weights hold their analytic
/// gradients.
public final class GradCheck {
    private static final RandomKey PROJECTION = new RandomKey(0x10C1EE7, 1);
    private static final RandomKey SAMPLE = PROJECTION.withStream(2);
    private static final int STEP_EXPONENT = -10;

    private final Backend backend;
    private final RandomKey random;
    private final int limit;

    private GradCheck(Backend backend, RandomKey random, int limit) {
        this.backend = backend;
        this.random = random;
        this.limit = limit;
    }

    /// A check of functions on `backend`, which must know F64: `Backends.open("scalar")`.
    public static GradCheck on(Backend backend) {
        return new GradCheck(backend, null, Integer.MAX_VALUE);
    }

    /// This check on tapes with randomness: every evaluation draws the same dropout masks, from `key` on.
    public GradCheck withRandom(RandomKey key) {
        return new GradCheck(backend, key, limit);
    }

    /// This check of at most `elements` elements of each weight, spread at random; a large model has too many for all.
    public GradCheck sampling(int elements) {
        return new GradCheck(backend, random, elements);
    }

    /// Compares the gradients of `weights`.
    ///
    /// @param f       the function; it must depend on nothing but the weights and the tape
    /// @param weights F64
    /// @throws IllegalArgumentException if a weight or the result is not F64, or there is no weight
    /// @throws IllegalStateException    if the function is not deterministic, no weight takes part in it, or memory
    ///                                  that the pass has taken from its pool is missing afterwards
    public GradReport check(Function<Tape, Activation> f, List<Trainable> weights) {
        if (weights.isEmpty()) {
            throw new IllegalArgumentException("there is no weight to check");
        }
        weights.forEach(weight -> requireF64(weight.name(), weight.dtype()));
        try (Pool pool = new Pool(new PoisonedBackend(backend))) {
            double[] projection = differentiate(pool, f, weights);
            if (pool.usedBytes() != 0) {
                throw new IllegalStateException(
                        "the backward pass has lost %d bytes of step memory".formatted(pool.usedBytes()));
            }
            double[] once = evaluate(pool, f);
            if (!Arrays.equals(once, evaluate(pool, f))) {
                throw new IllegalStateException("the function gives different results for the same weights: "
                        + "fix its random key with withRandom(…), or look for a read of uninitialised memory");
            }
            List<GradReport.Line> lines = new ArrayList<>();
            for (Trainable weight : weights) {
                lines.add(compare(pool, f, weight, projection));
            }
            return new GradReport(lines);
        }
    }

    /// One forward and backward pass with `dy = p`; returns p.
    private double[] differentiate(Pool pool, Function<Tape, Activation> f, List<Trainable> weights) {
        try (Tape tape = Tape.training(pool, random)) {
            Activation y = f.apply(tape);
            requireF64("the result", y.dtype());
            Tensor p = tape.allocate(DType.F64, y.shape());
            tape.kernels().normal(p, 0, 1, PROJECTION);
            for (Trainable weight : weights) {
                tape.kernels().fill(weight.grad(), Double.NaN);
                weight.clearGrad();
            }
            tape.backward(y, p);
            return download(p);
        }
    }

    private double[] evaluate(Pool pool, Function<Tape, Activation> f) {
        try (Tape tape = Tape.training(pool, random)) {
            return download(f.apply(tape).value());
        }
    }

    private GradReport.Line compare(
            Pool pool, Function<Tape, Activation> f, Trainable weight, double[] projection) {
        double[] all = weight.hasGrad() ? download(weight.grad()) : new double[(int) weight.value().size()];
        int[] elements = elements(all.length);
        double h = step(weight);
        double[] numeric = new double[elements.length];
        double[] analytic = new double[elements.length];
        for (int k = 0; k < elements.length; k++) {
            analytic[k] = all[elements[k]];
            numeric[k] = quotient(pool, f, element(weight.value(), elements[k]), h, projection);
        }
        return GradReport.Line.of(weight, elements, analytic, numeric);
    }

    private double quotient(Pool pool, Function<Tape, Activation> f, Tensor element, double h, double[] projection) {
        double w = download(element)[0];
        try {
            double[] plus = evaluate(pool, f, element, w + h);
            double[] minus = evaluate(pool, f, element, w - h);
            double[] plus2 = evaluate(pool, f, element, w + 2 * h);
            double[] minus2 = evaluate(pool, f, element, w - 2 * h);
            double sum = 0;
            for (int i = 0; i < projection.length; i++) {
                sum += projection[i] * (8 * (plus[i] - minus[i]) - (plus2[i] - minus2[i]));
            }
            return sum / (12 * h);
        } finally {
            upload(element, w);
        }
    }

    private double[] evaluate(Pool pool, Function<Tape, Activation> f, Tensor element, double w) {
        upload(element, w);
        return evaluate(pool, f);
    }

    /// A power of two, so that adding it loses no more than the last bit of w.
    private double step(Trainable weight) {
        double meanSquare = backend.kernels().sumOfSquares(weight.value()) / Math.max(1, weight.value().size());
        return meanSquare == 0
                ? Math.scalb(1.0, STEP_EXPONENT)
                : Math.scalb(1.0, Math.getExponent(Math.sqrt(meanSquare)) + STEP_EXPONENT);
    }

    /// Which elements to check: one from each of `limit` equal parts.
    private int[] elements(int size) {
        int count = Math.min(size, limit);
        int[] elements = new int[count];
        for (int k = 0; k < count; k++) {
            int from = (int) ((long) size * k / count);
            int to = (int) ((long) size * (k + 1) / count);
            elements[k] = from + (int) ((Philox.word(SAMPLE, k) & 0xFFFFFFFFL) % (to - from));
        }
        return elements;
    }

    private static Tensor element(Tensor tensor, int i) {
        long offset = tensor.offset() + (long) (i / tensor.cols()) * tensor.rowStride() + i % tensor.cols();
        return new Tensor(tensor.storage(), tensor.dtype(), Shape.of(1), offset, 1);
    }

    private double[] download(Tensor tensor) {
        double[] numbers = new double[Math.toIntExact(tensor.size())];
        backend.download(MemorySegment.ofArray(numbers), tensor);
        return numbers;
    }

    private void upload(Tensor element, double value) {
        backend.upload(element, MemorySegment.ofArray(new double[] {value}));
    }

    private static void requireF64(String what, DType dtype) {
        if (dtype != DType.F64) {
            throw new IllegalArgumentException(
                    "finite differences need F64, %s is %s: build it in F64 on the scalar backend"
                            .formatted(what, dtype));
        }
    }
}
