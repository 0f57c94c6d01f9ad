package dev.lorikeet.tensor;

import java.util.List;

/// Layer normalisation and softmax.
final class NormContract {
    private static final double EPS = 1e-5;

    private NormContract() {}

    static void addTo(Checks checks) {
        layerNorm(checks, " with weight and bias", true, true);
        layerNorm(checks, " with weight", true, false);
        layerNorm(checks, " plain", false, false);
        checks.each("layerNorm", " far from zero", KernelContract.ROW_SHAPES, (t, shape, layout) -> {
            double[] x = t.normal(shape);
            for (int i = 0; i < x.length; i++) {
                x[i] += 1000;   // E[x²] − E[x]² would lose everything here
            }
            layerNorm(t, shape, layout, x, true, true, 1000);
        });
        layerNormBackward(checks, true);
        layerNormBackward(checks, false);
        checks.eachBeta("layerNormWeightBackward", KernelContract.ROW_SHAPES, (t, shape, layout, beta) -> {
            Saved saved = Saved.of(t, shape, layout);
            Operand dy = t.input(shape, layout);
            Operand dweight = t.output(Shape.of(shape.cols()), layout, beta);
            t.call((kernels, on) -> kernels.layerNormWeightBackward(
                    on.of(dweight), on.of(dy), on.of(saved.x), on.of(saved.mean), on.of(saved.rstd), beta));
            t.agrees(dweight, shape.rows(), Math.sqrt(shape.rows()));
        });
        softmax(checks);
    }

    private static void layerNorm(Checks checks, String variant, boolean weight, boolean bias) {
        checks.each("layerNorm", variant, KernelContract.ROW_SHAPES,
                (t, shape, layout) -> layerNorm(t, shape, layout, t.normal(shape), weight, bias, 1));
    }

    private static void layerNorm(
            KernelTrial t, Shape shape, Layout layout, double[] numbers, boolean weight, boolean bias,
            double magnitude) {
        Operand x = t.input(shape, layout, numbers);
        Operand w = weight ? t.input(Shape.of(shape.cols()), layout) : null;
        Operand b = bias ? t.input(Shape.of(shape.cols()), layout) : null;
        Operand y = t.output(shape, layout, 0);
        Operand mean = t.output(Shape.of(shape.rows()), layout, 0);
        Operand rstd = t.output(Shape.of(shape.rows()), layout, 0);
        t.call((kernels, on) -> kernels.layerNorm(
                on.of(y), on.of(mean), on.of(rstd), on.of(x), on.of(w), on.of(b), EPS));
        double steepest = shape.cols() == 1 ? 1 / Math.sqrt(EPS) : 30;   // rstd of rows of two or three close numbers
        boolean few = shape.cols() <= 3;
        t.agrees(mean, shape.cols(), magnitude);
        t.agrees(rstd, shape.cols(), magnitude * (few ? steepest * steepest : 1));
        t.agrees(y, shape.cols(), magnitude * (few ? steepest : 1) * 3);
    }

    private static void layerNormBackward(Checks checks, boolean weighted) {
        checks.eachBeta("layerNormBackward", weighted ? " weighted" : " plain", KernelContract.ROW_SHAPES,
                (t, shape, layout, beta) -> {
            Saved saved = Saved.of(t, shape, layout);
            Operand weight = weighted ? t.input(Shape.of(shape.cols()), layout) : null;
            Operand dy = t.input(shape, layout);
            Operand dx = t.output(shape, layout, beta);
            t.call((kernels, on) -> kernels.layerNormBackward(on.of(dx), on.of(dy), on.of(saved.x), on.of(saved.mean),
                    on.of(saved.rstd), on.of(weight), beta));
            t.agrees(dx, shape.cols(), 3);
        });
    }

    /// What a forward would have left: means and deviations of about the right size, the same on both backends. The
    /// backward formulas must hold for any.
    private record Saved(Operand x, Operand mean, Operand rstd) {
        static Saved of(KernelTrial t, Shape shape, Layout layout) {
            double[] rstd = t.normal(Shape.of(shape.rows()));
            for (int i = 0; i < rstd.length; i++) {
                rstd[i] = 1 + 0.1 * rstd[i];
            }
            return new Saved(t.input(shape, layout), t.input(Shape.of(shape.rows()), layout),
                    t.input(Shape.of(shape.rows()), layout, rstd));
        }
    }

    private static void softmax(Checks checks) {
        for (int visible : List.of(Integer.MAX_VALUE, 5000, 0, 2, -2)) {
            checks.each("softmax", " visible " + visible, KernelContract.ROW_SHAPES, (t, shape, layout) -> {
                Operand x = t.input(shape, layout, large(t, shape));
                Operand y = t.output(shape, layout, 0);
                t.call((kernels, on) -> kernels.softmax(on.of(y), on.of(x), visible));
                t.agrees(y, shape.cols());
            });
            checks.each("softmax", " in place, visible " + visible, KernelContract.ROW_SHAPES, (t, shape, layout) -> {
                Operand x = t.output(shape, layout, large(t, shape));
                t.call((kernels, on) -> kernels.softmax(on.of(x), on.of(x), visible));
                t.agrees(x, shape.cols());
            });
        }
        checks.eachBeta("softmaxBackward", KernelContract.ROW_SHAPES, (t, shape, layout, beta) -> {
            double[] probabilities = t.normal(shape);
            for (int i = 0; i < probabilities.length; i++) {
                probabilities[i] = Math.abs(probabilities[i]) / shape.cols();
            }
            Operand y = t.input(shape, layout, probabilities);
            Operand dy = t.input(shape, layout);
            Operand dx = t.output(shape, layout, beta);
            t.call((kernels, on) -> kernels.softmaxBackward(on.of(dx), on.of(dy), on.of(y), beta));
            t.agrees(dx, shape.cols());
        });
    }

    /// Scores whose exponentials overflow F32 unless the largest is taken out first; one row in three has a score −∞.
    private static double[] large(KernelTrial t, Shape shape) {
        double[] x = t.normal(shape);
        for (int i = 0; i < x.length; i++) {
            x[i] = 4 * x[i] + (i / shape.cols() % 2 == 0 ? 500 : -500);
        }
        for (int row = 1; row < shape.rows() && shape.cols() > 3; row += 3) {
            x[row * shape.cols() + 1] = Double.NEGATIVE_INFINITY;
        }
        return x;
    }
}
