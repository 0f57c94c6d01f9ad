package dev.lorikeet.tensor;

import java.util.List;

/// Sums and the largest of a row.
final class ReductionContract {
    private ReductionContract() {}

    static void addTo(Checks checks) {
        checks.each("sum", KernelContract.SHAPES, (t, shape, layout) -> {
            Operand src = t.input(shape, layout);
            Operand dst = t.output(Shape.of(), layout, 0);
            t.call((kernels, on) -> kernels.sum(on.of(dst), on.of(src), 0.3));
            t.agrees(dst, shape.size(), 0.3 * Math.sqrt(shape.size()));
        });
        checks.eachBeta("sumRows", KernelContract.SHAPES, (t, shape, layout, beta) -> {
            Operand src = t.input(shape, layout);
            Operand dst = t.output(Shape.of(shape.cols()), layout, beta);
            t.call((kernels, on) -> kernels.sumRows(on.of(dst), on.of(src), beta));
            t.agrees(dst, shape.rows(), Math.sqrt(shape.rows()));
        });
        checks.each("sumOfSquares", KernelContract.SHAPES, (t, shape, layout) -> {
            Operand src = t.input(shape, layout);
            t.returns(0, on -> kernels -> kernels.sumOfSquares(on.of(src)));
        });
        checks.each("sumOfSquares", " of several", KernelContract.SHAPES, (t, shape, layout) -> {
            Operand first = t.input(shape, layout);
            Operand second = t.input(Shape.of(1000), layout);
            t.returns(0, on -> kernels -> kernels.sumOfSquares(List.of(on.of(first), on.of(second), on.of(first))));
        });
        addLargestTo(checks);
    }

    private static void addLargestTo(Checks checks) {
        checks.each("argmaxRows", KernelContract.ROW_SHAPES, (t, shape, layout) -> {
            double[] x = t.normal(shape);
            for (int i = 0; i < x.length; i++) {
                x[i] = Math.rint(x[i] * 2);   // ties: the first one counts
            }
            Operand src = t.input(shape, layout, x);
            Operand dst = t.output(DType.I32, Shape.of(shape.rows()), Layout.PACKED, 1);
            t.call((kernels, on) -> kernels.argmaxRows(on.of(dst), on.of(src)));
            t.equal(dst);
        });
        checks.each("argmaxRows", " all below zero", KernelContract.ROW_SHAPES, (t, shape, layout) -> {
            double[] x = t.normal(shape);
            for (int i = 0; i < x.length; i++) {
                x[i] = -1e30 - 1e29 * Math.abs(x[i]);
            }
            Operand src = t.input(shape, layout, x);
            Operand dst = t.output(DType.I32, Shape.of(shape.rows()), Layout.PACKED, 1);
            t.call((kernels, on) -> kernels.argmaxRows(on.of(dst), on.of(src)));
            t.equal(dst);
        });
    }
}
