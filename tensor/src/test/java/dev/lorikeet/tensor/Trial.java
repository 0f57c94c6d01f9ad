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
final class Trial implements AutoCloseable {
    private final Sides sides;
    private final String what;
    private final SplittableRandom random;
    private final Arena arena = Arena.ofConfined();
    private final List<Operand> operands = new ArrayList<>();
    private final Map<Tensor, MemorySegment> before = new HashMap<>();

    Trial(Sides sides, String what) {
        this.sides = sides;
        this.what = what;
        this.random = new SplittableRandom(what.hashCode());
    }

    /// A kernel call, written once for both sides.
    interface Call {
        void run(Kernels kernels, Side side);
    }

    /// The tensor of an operand on the side where the kernel runs; null for null.
    interface Side {
        Tensor of(Operand operand);
    }

    DType dtype() {
        return sides.dtype();
    }

    SplittableRandom random() {
        return random;
    }

    /// Standard normal numbers that no kernel may change.
    Operand input(Shape shape, Layout layout) {
        return operand(sides.dtype(), shape, layout, normal(shape), false);
    }

    /// Given numbers, row by row, that no kernel may change.
    Operand input(Shape shape, Layout layout, double... values) {
        return operand(sides.dtype(), shape, layout, values, false);
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
        factors = sides.operand(factors, DType.F32);
        Operand values = operand(DType.F32, DType.F32, Shape.of(factors.length), Layout.PACKED, factors, false);
        double[] whole = random.ints(shape.size(), -127, 128).asDoubleStream().toArray();
        Tensor tested = allocate(sides.testedMemory(), DType.I8, shape, layout)
                .withScales(new Scales(values.tested(), ofRows));
        write(sides.tested(), tested, whole);
        Tensor expected;
        if (sides.identical()) {
            expected = allocate(sides.referenceMemory(), DType.I8, shape, layout)
                    .withScales(new Scales(values.expected(), ofRows));
            write(sides.reference(), expected, whole);
        } else {
            expected = allocate(sides.referenceMemory(), DType.F64, shape, Layout.PACKED);
            for (int i = 0; i < whole.length; i++) {
                whole[i] *= factors[ofRows ? i / shape.cols() : i % shape.cols()];
            }
            write(sides.reference(), expected, whole);
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
        return output(sides.dtype(), shape, layout, beta);
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
        return operand(sides.dtype(), shape, layout, values, true);
    }

    double[] normal(Shape shape) {
        double[] values = new double[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextGaussian();
        }
        return values;
    }

    private Operand operand(DType dtype, Shape shape, Layout layout, double[] values, boolean written) {
        return operand(dtype, sides.referenceType(dtype), shape, layout, values, written);
    }

    private Operand operand(
            DType dtype, DType referenceType, Shape shape, Layout layout, double[] values, boolean written) {
        Tensor tested = allocate(sides.testedMemory(), dtype, shape, layout);
        Tensor expected = allocate(
                sides.referenceMemory(), referenceType, shape, sides.identical() ? layout : Layout.PACKED);
        double[] rounded = sides.operand(values, dtype);
        write(sides.tested(), tested, rounded);
        write(sides.reference(), expected, rounded);
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

    /// Runs `call` on the reference alone and gives its outputs, rounded to the tested type, to both sides: for what a
    /// forward kernel leaves to the backward that is the one to be tested. The outputs become inputs.
    void prepare(Call call) {
        call.run(sides.reference().kernels(), operand -> operand == null ? null : operand.expected());
        sides.reference().synchronize();
        for (int i = 0; i < operands.size(); i++) {
            Operand operand = operands.get(i);
            if (operand.written()) {
                double[] rounded = HostNumbers.rounded(read(sides.reference(), operand.expected()),
                        operand.tested().dtype());
                write(sides.tested(), operand.tested(), rounded);
                write(sides.reference(), operand.expected(), rounded);
                operands.set(i, operand.asInput());
            }
        }
    }

    /// Runs `call` on both sides and demands that nothing but outputs has changed.
    void call(Call call) {
        call.run(sides.tested().kernels(), operand -> operand == null ? null : operand.tested());
        sides.tested().synchronize();
        call.run(sides.reference().kernels(), operand -> operand == null ? null : operand.expected());
        sides.reference().synchronize();
        for (Operand operand : operands) {
            MemorySegment now = download(sides.tested(), operand.tested());
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
        double[] expected = read(sides.reference(), output.expected());
        double[] actual = read(sides.tested(), output.tested());
        Tolerance tolerance = sides.tolerance(output.tested().dtype(), length)
                .atLeast(Math.max(magnitude, HostNumbers.rootMeanSquare(expected)));
        compare(output, expected, actual, tolerance);
    }

    /// The elements of `output` agree to within `ulps` units of rounding of `|expected| + floor`.
    void agreesElementwise(Operand output, double ulps, double floor) {
        compare(output, read(sides.reference(), output.expected()), read(sides.tested(), output.tested()),
                sides.tolerance(output.tested().dtype(), 0).ofUnits(ulps).atLeast(floor));
    }

    /// The elements of `output` are the same numbers.
    void equal(Operand output) {
        agreesElementwise(output, 0, 0);
    }

    /// A kernel's returned number agrees, being the sum of `length` terms of one sign.
    void returns(long length, java.util.function.Function<Side, ToDoubleFunction<Kernels>> call) {
        double actual = call.apply(Operand::tested).applyAsDouble(sides.tested().kernels());
        double expected = call.apply(Operand::expected).applyAsDouble(sides.reference().kernels());
        double allowed = sides.tolerance(sides.dtype(), length).at(expected);
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
            sides.testedMemory().give(operand.tested().storage());
            sides.referenceMemory().give(operand.expected().storage());
        }
        arena.close();
    }
}
