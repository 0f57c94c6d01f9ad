package dev.lorikeet.tensor;

import java.util.List;

/// Parameter updates.
final class OptimizerContract {
    private static final List<AdamStep> ADAMS = List.of(
            new AdamStep(1e-3 / (1 - Math.pow(0.9, 3)), 0.9, 0.999, 1e-8, 1 / Math.sqrt(1 - Math.pow(0.999, 3)),
                    1e-5, 0, 0, 1),
            new AdamStep(1e-3 * Math.sqrt(1 - Math.pow(0.98, 2)) / (1 - Math.pow(0.9, 2)), 0.9, 0.98, 1e-6, 1,
                    0, 1e-4, 0, 0.37),
            new AdamStep(0.1, 0.5, 0.9, 1e-3, 2, 0.1, 0.2, 0.3, -2));

    private static final List<SgdStep> MOMENTA = List.of(
            new SgdStep(0.1, 0.9, 0, false, 0.01, 1, true),
            new SgdStep(0.1, 0.9, 0, false, 0.01, 0.5, false),
            new SgdStep(0.1, 0.9, 0, true, 0, 1, false),
            new SgdStep(0.1, 0.8, 0.3, false, 0, 2, false));

    private OptimizerContract() {}

    static void addTo(Checks checks) {
        for (AdamStep step : ADAMS) {
            adam(checks, step, false);
            adam(checks, step, true);
        }
        for (SgdStep step : MOMENTA) {
            checks.each("sgd", " " + step, KernelContract.FEW_SHAPES, (t, shape, layout) -> {
                Operand g = t.input(shape, layout);
                Operand p = t.output(shape, layout, 1);
                Operand momentum = t.output(shape, layout, step.first() ? 0 : 1);   // the first step does not read it
                t.call((kernels, on) -> kernels.sgd(on.of(p), on.of(g), on.of(momentum), step));
                t.agrees(p, 2);
                t.agrees(momentum, 2);
            });
        }
        SgdStep plain = new SgdStep(0.1, 0, 0, false, 0.01, 0.5, false);
        checks.each("sgd", " without momentum", KernelContract.SHAPES, (t, shape, layout) -> {
            Operand g = t.input(shape, layout);
            Operand p = t.output(shape, layout, 1);
            t.call((kernels, on) -> kernels.sgd(on.of(p), on.of(g), null, plain));
            t.agrees(p, 2);
        });
    }

    private static void adam(Checks checks, AdamStep step, boolean amsGrad) {
        double cancellation = step.l2() == 0 ? 0 : 1;   // of gradient and l2·p, squared in v
        checks.each("adam", " %s%s".formatted(step, amsGrad ? ", largest v" : ""), KernelContract.FEW_SHAPES,
                (t, shape, layout) -> {
            Operand g = t.input(shape, layout);
            Operand p = t.output(shape, layout, 1);
            Operand m = t.output(shape, layout, 1);
            Operand v = t.output(shape, layout, squares(t, shape));
            Operand vMax = amsGrad ? t.output(shape, layout, squares(t, shape)) : null;
            t.call((kernels, on) -> kernels.adam(on.of(p), on.of(g), on.of(m), on.of(v), on.of(vMax), step));
            t.agreesElementwise(m, 8, 1);   // its terms have magnitude 1 and may cancel
            t.agreesElementwise(v, 8, cancellation);
            t.agrees(p, 2);
            if (amsGrad) {
                t.agreesElementwise(vMax, 8, cancellation);
            }
        });
    }

    private static double[] squares(KernelTrial t, Shape shape) {
        double[] squares = t.normal(shape);
        for (int i = 0; i < squares.length; i++) {
            squares[i] = squares[i] * squares[i] + 1e-3;
        }
        return squares;
    }
}
