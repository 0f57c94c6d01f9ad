package dev.lorikeet.tensor;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// Sums, products and functions, element by element.
final class ElementwiseContract {
    private static final Set<UnaryFunction> POSITIVE_ONLY =
            Set.of(UnaryFunction.LOG, UnaryFunction.SQRT, UnaryFunction.RSQRT, UnaryFunction.RECIPROCAL);
    /// Where a factor `x` meets a probability near 0, or a logarithm a number near 1, the error is one of a number
    /// around 1; of the other functions each result is accurate by itself, however small.
    private static final Set<UnaryFunction> ACCURATE_WHEN_SMALL = Set.of(
            UnaryFunction.EXP, UnaryFunction.SQRT, UnaryFunction.RSQRT, UnaryFunction.RECIPROCAL, UnaryFunction.RELU,
            UnaryFunction.LEAKY_RELU);

    private ElementwiseContract() {}

    static void addTo(Checks checks) {
        checks.eachBeta("axpby", KernelContract.SHAPES, (t, shape, layout, beta) -> {
            Operand src = t.input(shape, layout);
            Operand dst = t.output(shape, layout, beta);
            t.call((kernels, on) -> kernels.axpby(on.of(dst), -1.7, on.of(src), beta));
            t.agrees(dst, 1);
        });
        checks.eachBeta("multiply", KernelContract.SHAPES, (t, shape, layout, beta) -> {
            Operand a = t.input(shape, layout);
            Operand b = t.input(shape, layout);
            Operand dst = t.output(shape, layout, beta);
            t.call((kernels, on) -> kernels.multiply(on.of(dst), on.of(a), on.of(b), beta));
            t.agrees(dst, 1);
        });
        checks.eachBeta("scaleBy", KernelContract.SHAPES, (t, shape, layout, beta) -> {
            Operand factor = t.input(Shape.of(1), layout);
            Operand src = t.input(shape, layout);
            Operand dst = t.output(shape, layout, beta);
            t.call((kernels, on) -> kernels.scaleBy(on.of(dst), on.of(factor), on.of(src), beta));
            t.agrees(dst, 1);
        });
        add(checks);
        addBias(checks);
        for (UnaryFunction f : UnaryFunction.values()) {
            map(checks, f);
        }
    }

    private static void add(Checks checks) {
        checks.each("add", KernelContract.SHAPES, (t, shape, layout) -> {
            Operand a = t.input(shape, layout);
            Operand b = t.input(shape, layout);
            Operand dst = t.output(shape, layout, 0);
            t.call((kernels, on) -> kernels.add(on.of(dst), on.of(a), on.of(b)));
            t.agrees(dst, 1);
        });
        checks.each("add", " in place", KernelContract.SHAPES, (t, shape, layout) -> {
            Operand a = t.output(shape, layout, 1);
            Operand b = t.output(shape, layout, 1);
            t.call((kernels, on) -> {
                kernels.add(on.of(a), on.of(a), on.of(b));
                kernels.add(on.of(b), on.of(a), on.of(b));
            });
            t.agrees(a, 1);
            t.agrees(b, 2);
        });
    }

    private static void addBias(Checks checks) {
        checks.each("addBias", KernelContract.SHAPES, (t, shape, layout) -> {
            Operand src = t.input(shape, layout);
            Operand bias = t.input(Shape.of(shape.cols()), layout);
            Operand dst = t.output(shape, layout, 0);
            t.call((kernels, on) -> kernels.addBias(on.of(dst), on.of(src), on.of(bias)));
            t.agrees(dst, 1);
        });
        checks.each("addBias", " in place", KernelContract.SHAPES, (t, shape, layout) -> {
            Operand bias = t.input(Shape.of(shape.cols()), layout);
            Operand dst = t.output(shape, layout, 1);
            t.call((kernels, on) -> kernels.addBias(on.of(dst), on.of(dst), on.of(bias)));
            t.agrees(dst, 1);
        });
    }

    private static void map(Checks checks, UnaryFunction f) {
        double floor = ACCURATE_WHEN_SMALL.contains(f) ? 0 : 1;
        checks.each("map", " " + f, KernelContract.FEW_SHAPES, (t, shape, layout) -> {
            Operand src = t.input(shape, layout, arguments(t, f, shape));
            Operand dst = t.output(shape, layout, 0);
            t.call((kernels, on) -> kernels.map(on.of(dst), on.of(src), f));
            t.agreesElementwise(dst, 8, floor);
        });
        checks.each("map", " in place " + f, List.of(Shape.of(5, 8), Shape.of(13, 207)), (t, shape, layout) -> {
            Operand x = t.output(shape, layout, arguments(t, f, shape));
            t.call((kernels, on) -> kernels.map(on.of(x), on.of(x), f));
            t.agreesElementwise(x, 8, floor);
        });
        checks.add("map", "far out " + f, t -> {
            double[] extremes = extremes(f);
            Operand src = t.input(Shape.of(extremes.length), Layout.PACKED, extremes);
            Operand dst = t.output(Shape.of(extremes.length), Layout.PACKED, 0);
            t.call((kernels, on) -> kernels.map(on.of(dst), on.of(src), f));
            t.agreesElementwise(dst, 64, floor);   // e¹⁰⁰ feels every unit of its argument a hundredfold
        });
        mapBackward(checks, f, floor);
    }

    private static void mapBackward(Checks checks, UnaryFunction f, double floor) {
        checks.eachBeta("mapBackward", " " + f, KernelContract.FEW_SHAPES, (t, shape, layout, beta) -> {
            Operand dy = t.input(shape, layout);
            Operand x = t.input(shape, layout, arguments(t, f, shape));
            Operand dx = t.output(shape, layout, beta);
            t.call((kernels, on) -> kernels.mapBackward(on.of(dx), on.of(dy), on.of(x), f, beta));
            t.agreesElementwise(dx, 16, 4);
        });
        checks.each("mapBackward", " in place " + f, List.of(Shape.of(5, 8), Shape.of(13, 207)), (t, shape, layout) -> {
            Operand x = t.input(shape, layout, arguments(t, f, shape));
            Operand dx = t.output(shape, layout, 1);
            t.call((kernels, on) -> kernels.mapBackward(on.of(dx), on.of(dx), on.of(x), f, 0));
            t.agreesElementwise(dx, 16, 4);
        });
        checks.add("mapBackward", "far out " + f, t -> {
            double[] x = Arrays.stream(extremes(f)).filter(v -> Math.abs(v) < 1e5 && v != 0).toArray();
            Operand src = t.input(Shape.of(x.length), Layout.PACKED, x);
            Operand dy = t.input(Shape.of(x.length), Layout.PACKED);
            Operand dx = t.output(Shape.of(x.length), Layout.PACKED, 0);
            t.call((kernels, on) -> kernels.mapBackward(on.of(dx), on.of(dy), on.of(src), f, 0));
            t.agreesElementwise(dx, 64, floor);
        });
    }

    /// Normal numbers with deviation 3; bounded away from 0 where `f` or its derivative has a pole.
    private static double[] arguments(KernelTrial t, UnaryFunction f, Shape shape) {
        double[] x = t.normal(shape);
        for (int i = 0; i < x.length; i++) {
            x[i] = POSITIVE_ONLY.contains(f) ? Math.abs(3 * x[i]) + 0.1 : 3 * x[i];
        }
        return x;
    }

    /// Zeros, infinity, NaN, and numbers where exponentials leave the range of F32. −∞ is left out where `x` is
    /// multiplied with a 0 that only the limit would know.
    private static double[] extremes(UnaryFunction f) {
        if (POSITIVE_ONLY.contains(f)) {
            return new double[] {1e-30, 1e-20, 0.5, 1, 1.0001, 2, 1e10, 1e18, Double.POSITIVE_INFINITY, Double.NaN};
        }
        double[] finite = {0, 1e-30, -1e-30, 1e-4, -1e-4, 5, -5, 9, -9, 13, -13, 20, -20, 60, -60, Double.NaN};
        double[] wide = {100, -100, 1e4, -1e4, 1e10, -1e10, Double.POSITIVE_INFINITY};
        if (f == UnaryFunction.EXP) {
            wide = new double[] {-200, -1e10, 88, 100, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
        }
        double[] all = Arrays.copyOf(finite, finite.length + wide.length);
        System.arraycopy(wide, 0, all, finite.length, wide.length);
        return all;
    }
}
