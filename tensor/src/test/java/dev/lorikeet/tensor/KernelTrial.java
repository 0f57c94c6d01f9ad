package dev.lorikeet.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/// One call of one kernel, made on two backends with the same numbers, and what is demanded afterwards:
///
/// - elements of outputs agree within [Tolerance];
/// - inputs, the gaps between rows and the elements before and behind every operand have not changed by a bit (they are
///   NaN, so that reading them shows as well);
/// - outputs of a call with `beta = 0` start as NaN, so that reading them, or leaving one out, shows.
final class KernelTrial implements AutoCloseable {
    private final BackendsUnderTest backends;
    private final String what;
    private final SplittableRandom random;
    private final Arena arena = Arena.ofConfined();
    private final List<Operand> operands = new ArrayList<>();
    private final Map<Tensor, MemorySegment> before = new HashMap<>();

    KernelTrial(BackendsUnderTest backends, String what) {
        this.backends = backends;
        this.what = what;
        this.random = new SplittableRandom(what.hashCode());
    }

    /// A kernel call, written once for both backends.
    interface Call {
        void run(Kernels kernels, Side side);
    }

    /// The tensor of an operand on the side where the kernel runs; null for null.
    interface Side {
        Tensor of(Operand operand);
    }

    DType dtype() {
        return backends.dtype();
    }

    SplittableRandom random() {
        return random;
    }

    /// Standard normal numbers that no kernel may change.
    Operand input(Shape shape, Layout layout) {
        return operand(backends.dtype(), shape, layout, normal(shape), false);
    }

    /// Given numbers, row by row, that no kernel may change.
    Operand input(Shape shape, Layout layout, double... values) {
        return operand(backends.dtype(), shape, layout, values, false);
    }

    /// Standard normal numbers of another type than the rest: frozen weights. I8 has scales, of rows or of columns,
    /// and the reference gets what the integers stand for.
    Operand weight(DType dtype, Shape shape, Layout layout) {
        if (dtype != DType.I8) {
            return operand(dtype, shape, layout, normal(shape), false);
        }
        boolean ofRows = random.nextBoolean();
        double[] factors = new double[ofRows ? shape.rows() : shape.cols()];
        Arrays.setAll(factors, _ -> (float) ((1 + random.nextInt(9)) / 300.0));
        factors = backends.operand(factors, DType.F32);
        Operand values = operand(DType.F32, DType.F32, Shape.of(factors.length), Layout.PACKED, factors, false);
        double[] whole = random.ints(shape.size(), -127, 128).asDoubleStream().toArray();
        Tensor tested = allocate(backends.testedMemory(), DType.I8, shape, layout)
                .withScales(new Scales(values.tested(), ofRows));
        write(backends.tested(), tested, whole);
        Tensor expected;
        if (backends.identical()) {
            expected = allocate(backends.referenceMemory(), DType.I8, shape, layout)
                    .withScales(new Scales(values.expected(), ofRows));
            write(backends.reference(), expected, whole);
        } else {
            expected = allocate(backends.referenceMemory(), DType.F64, shape, Layout.PACKED);
            for (int i = 0; i < whole.length; i++) {
                whole[i] *= factors[ofRows ? i / shape.cols() : i % shape.cols()];
            }
            write(backends.reference(), expected, whole);
        }
        Operand operand = new Operand("operand " + operands.size() + " " + tested, tested, expected, false);
        operands.add(operand);
        return operand;
    }

    /// Demands that numbers around 0 with deviation `spread` are converted from one type to another, whatever the run's
    /// type is.
    void copies(DType from, DType to, Shape shape, Layout layout, double spread) {
        double[] values = normal(shape);
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 5 == 0 ? Math.rint(values[i] * spread * 2) / 2 : values[i] * spread;   // ties among them
        }
        Operand src = operand(from, from, shape, layout, values, false);
        double[] untouched = new double[values.length];
        Arrays.fill(untouched, to.isFloating() ? Double.NaN : 77);
        Operand dst = operand(to, to, shape, layout, untouched, true);
        call((kernels, on) -> kernels.copy(on.of(dst), on.of(src)));
        equal(dst);
    }

    /// Ids, labels, indices.
    Operand indices(int... values) {
        double[] numbers = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            numbers[i] = values[i];
        }
        return operand(DType.I32, Shape.of(values.length), Layout.PACKED, numbers, false);
    }

    /// A destination: NaN if `beta` is 0, standard normal numbers otherwise.
    Operand output(Shape shape, Layout layout, double beta) {
        return output(backends.dtype(), shape, layout, beta);
    }

    Operand output(DType dtype, Shape shape, Layout layout, double beta) {
        double[] values = normal(shape);
        if (beta == 0) {
            Arrays.fill(values, Double.NaN);
        }
        return operand(dtype, shape, layout, values, true);
    }

    /// A destination with given numbers, row by row.
    Operand output(Shape shape, Layout layout, double[] values) {
        return operand(backends.dtype(), shape, layout, values, true);
    }

    double[] normal(Shape shape) {
        double[] values = new double[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextGaussian();
        }
        return values;
    }

    private Operand operand(DType dtype, Shape shape, Layout layout, double[] values, boolean written) {
        return operand(dtype, backends.referenceType(dtype), shape, layout, values, written);
    }

    private Operand operand(
            DType dtype, DType referenceType, Shape shape, Layout layout, double[] values, boolean written) {
        Tensor tested = allocate(backends.testedMemory(), dtype, shape, layout);
        Tensor expected = allocate(
                backends.referenceMemory(), referenceType, shape, backends.identical() ? layout : Layout.PACKED);
        double[] rounded = backends.operand(values, dtype);
        write(backends.tested(), tested, rounded);
        write(backends.reference(), expected, rounded);
        Operand operand = new Operand("operand " + operands.size() + " " + tested, tested, expected, written);
        operands.add(operand);
        return operand;
    }

    private static Tensor allocate(Pool pool, DType dtype, Shape shape, Layout layout) {
        int stride = layout.rowStride(shape.cols());
        long elements = layout.offset() + (long) stride * shape.rows() + 64;
        return new Tensor(pool.take(elements * dtype.bytes()), dtype, shape, layout.offset(), stride);
    }

    private void write(Backend backend, Tensor tensor, double[] values) {
        MemorySegment image = HostNumbers.image(arena, tensor, values);
        backend.upload(everything(tensor), image);
        before.put(tensor, image);
    }

    /// Runs `call` on the reference alone and gives its outputs, rounded to the tested type, to both backends: for what
    /// a forward kernel leaves to the backward that is the one to be tested. The outputs become inputs.
    void prepare(Call call) {
        call.run(backends.reference().kernels(), operand -> operand == null ? null : operand.expected());
        backends.reference().synchronize();
        for (int i = 0; i < operands.size(); i++) {
            Operand operand = operands.get(i);
            if (operand.written()) {
                double[] rounded = HostNumbers.rounded(read(backends.reference(), operand.expected()),
                        operand.tested().dtype());
                write(backends.tested(), operand.tested(), rounded);
                write(backends.reference(), operand.expected(), rounded);
                operands.set(i, operand.asInput());
            }
        }
    }

    /// Runs `call` on both sides and demands that nothing but outputs has changed.
    void call(Call call) {
        call.run(backends.tested().kernels(), operand -> operand == null ? null : operand.tested());
        backends.tested().synchronize();
        call.run(backends.reference().kernels(), operand -> operand == null ? null : operand.expected());
        backends.reference().synchronize();
        for (Operand operand : operands) {
            MemorySegment now = download(backends.tested(), operand.tested());
            long changed = HostNumbers.firstForbiddenChange(operand, before.get(operand.tested()), now);
            if (changed >= 0) {
                throw new AssertionError("%s: %s was changed at storage element %d (row stride %d, offset %d)"
                        .formatted(what, operand.name(), changed, operand.tested().rowStride(),
                                operand.tested().offset()));
            }
        }
    }

    /// The elements of `output` agree, each being the result of about `length` additions.
    void agrees(Operand output, long length) {
        agrees(output, length, 0);
    }

    /// The same for elements whose terms have magnitude `magnitude` or the root mean square of the output, whichever is
    /// larger.
    void agrees(Operand output, long length, double magnitude) {
        double[] expected = read(backends.reference(), output.expected());
        double[] actual = read(backends.tested(), output.tested());
        Tolerance tolerance = backends.tolerance(output.tested().dtype(), length)
                .atLeast(Math.max(magnitude, HostNumbers.rootMeanSquare(expected)));
        compare(output, expected, actual, tolerance);
    }

    /// The elements of `output` agree to within `ulps` units of rounding of `|expected| + floor`.
    void agreesElementwise(Operand output, double ulps, double floor) {
        compare(output, read(backends.reference(), output.expected()), read(backends.tested(), output.tested()),
                backends.tolerance(output.tested().dtype(), 0).ofUnits(ulps).atLeast(floor));
    }

    /// The elements of `output` are the same numbers.
    void equal(Operand output) {
        agreesElementwise(output, 0, 0);
    }

    /// A kernel's returned number agrees, being the sum of `length` terms of one sign.
    void returns(long length, java.util.function.Function<Side, ToDoubleFunction<Kernels>> call) {
        double actual = call.apply(Operand::tested).applyAsDouble(backends.tested().kernels());
        double expected = call.apply(Operand::expected).applyAsDouble(backends.reference().kernels());
        double allowed = backends.tolerance(backends.dtype(), length).at(expected);
        if (!(Math.abs(actual - expected) <= allowed)) {
            throw new AssertionError("%s: expected %s, was %s, allowed error %s"
                    .formatted(what, expected, actual, allowed));
        }
    }

    private void compare(Operand output, double[] expected, double[] actual, Tolerance tolerance) {
        int cols = Math.max(1, output.tested().cols());
        double[] representable = HostNumbers.rounded(expected, output.tested().dtype());
        for (int i = 0; i < expected.length; i++) {
            double e = representable[i];
            double a = actual[i];
            boolean same = Double.isFinite(e) ? Math.abs(a - e) <= tolerance.at(e) : Double.compare(a, e) == 0;
            if (!same) {
                throw new AssertionError("%s: %s (%d, %d): expected %s, was %s, allowed error %s".formatted(
                        what, output.name(), i / cols, i % cols, e, a, tolerance.at(e)));
            }
        }
    }

    private double[] read(Backend backend, Tensor tensor) {
        return HostNumbers.values(tensor, download(backend, tensor));
    }

    private MemorySegment download(Backend backend, Tensor tensor) {
        MemorySegment bytes = arena.allocate(tensor.storage().bytes(), 64);
        backend.download(bytes, everything(tensor));
        return bytes;
    }

    private static Tensor everything(Tensor tensor) {
        int bytes = Math.toIntExact(tensor.storage().bytes());
        return Tensor.of(tensor.storage(), DType.U8, Shape.of(bytes));
    }

    @Override
    public void close() {
        for (Operand operand : operands) {
            backends.testedMemory().give(operand.tested().storage());
            backends.referenceMemory().give(operand.expected().storage());
        }
        arena.close();
    }
}
