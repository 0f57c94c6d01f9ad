package dev.lorikeet.tensor;

import java.util.List;
import java.util.stream.Stream;

/// BatchBuckets, copying, gathering and scattering.
final class MovesContract {
    private static final List<DType> COPIED =
            List.of(DType.F64, DType.F32, DType.BF16, DType.F16, DType.I64, DType.I32, DType.U8, DType.BOOL);

    private MovesContract() {}

    static void addTo(Checks checks) {
        checks.each("fill", KernelContract.SHAPES, (t, shape, layout) -> {
            Operand dst = t.output(shape, layout, 0);
            t.call((kernels, on) -> kernels.fill(on.of(dst), -2.5));
            t.equal(dst);
        });
        copy(checks);
        take(checks);
        for (DType table : Stream.of(checks.dtype(), DType.BF16, DType.F16, DType.I8).distinct().toList()) {
            gatherRows(checks, table);
        }
        scatterAddRows(checks);
    }

    /// Both sides convert between the same two types here, so that the numbers must be equal.
    private static void copy(Checks checks) {
        for (DType from : COPIED) {
            for (DType to : COPIED) {
                for (Layout layout : Layout.values()) {
                    boolean floating = from.isFloating() && to.isFloating();
                    checks.addAll("copy", "%s %s to %s".formatted(layout, from, to),
                            floating ? KernelContract.FEW_SHAPES : List.of(Shape.of(0, 4), Shape.of(7, 13)),
                            (t, shape) -> t.copies(from, to, shape, layout, floating ? 100 : 3));
                }
            }
        }
    }

    private static void take(Checks checks) {
        for (int n : new int[] {0, 1, 3, 7, 8, 13, 207, 1024}) {
            checks.add("take", "of " + n, t -> {
                Operand src = t.input(Shape.of(3, 100), Layout.PACKED);
                Operand index = t.indices(t.random().ints(n, -3, 300).toArray());
                Operand dst = t.output(Shape.of(n), Layout.PACKED, 0);
                t.call((kernels, on) -> kernels.take(on.of(dst), on.of(src), on.of(index)));
                t.equal(dst);
            });
            for (double beta : new double[] {0, 1, 0.5}) {
                checks.add("takeBackward", "of %d, beta %s".formatted(n, beta), t -> {
                    Operand dy = t.input(Shape.of(n), Layout.PACKED);
                    Operand index = t.indices(t.random().ints(n, -3, 100).toArray());   // with repetitions
                    Operand dx = t.output(Shape.of(1, 100), Layout.PACKED, beta);
                    t.call((kernels, on) -> kernels.takeBackward(on.of(dx), on.of(dy), on.of(index), beta));
                    t.agrees(dx, n / 100 + 2);
                });
            }
        }
    }

    private static void gatherRows(Checks checks, DType type) {
        checks.eachBeta("gatherRows", " table " + type, KernelContract.FEW_SHAPES, (t, shape, layout, beta) -> {
            Operand table = t.weight(type, Shape.of(11, shape.cols()), layout);
            Operand ids = t.indices(t.random().ints(shape.rows(), -2, 11).toArray());
            Operand dst = t.output(shape, layout, beta);
            t.call((kernels, on) -> kernels.gatherRows(on.of(dst), on.of(table), on.of(ids), beta));
            t.agrees(dst, 1);
        });
    }

    private static void scatterAddRows(Checks checks) {
        checks.eachBeta("scatterAddRows", KernelContract.SHAPES, (t, shape, layout, beta) -> {
            Operand dy = t.input(shape, layout);
            Operand ids = t.indices(t.random().ints(shape.rows(), -2, 11).toArray());   // with repetitions
            Operand dtable = t.output(Shape.of(11, shape.cols()), layout, beta);
            t.call((kernels, on) -> kernels.scatterAddRows(on.of(dtable), on.of(dy), on.of(ids), beta));
            t.agrees(dtable, shape.rows() / 11 + 2);
        });
    }
}
