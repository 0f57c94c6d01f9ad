package dev.lorikeet.tensor;

import java.util.List;
import java.util.stream.Stream;

/// Cross-entropy, of logits and of hidden states.
final class LossContract {
    private static final double[] SMOOTHINGS = {0, 0.1};

    /// `(N, C, V)`.
    private static final List<Shape> HEADS = List.of(
            Shape.of(0, 8, 13), Shape.of(1, 4, 3), Shape.of(7, 13, 97), Shape.of(13, 32, 207), Shape.of(20, 7, 1030));

    private LossContract() {}

    static void addTo(Checks checks) {
        for (double smoothing : SMOOTHINGS) {
            crossEntropy(checks, smoothing);
            for (DType weight : Stream.of(checks.dtype(), DType.BF16, DType.F16, DType.I8).distinct().toList()) {
                for (int chunk : new int[] {1, 5, 64}) {
                    linearCrossEntropy(checks, smoothing, weight, chunk);
                }
            }
        }
    }

    private static void crossEntropy(Checks checks, double smoothing) {
        String variant = " smoothing " + smoothing;
        checks.each("crossEntropy", variant, KernelContract.ROW_SHAPES, (t, shape, layout) -> {
            int[] labels = someLabels(t, shape.rows(), shape.cols());
            Operand logits = t.input(shape, layout, logits(t, shape, labels));
            Operand label = t.indices(labels);
            Operand nll = t.output(Shape.of(shape.rows()), layout, 0);
            Operand lse = t.output(Shape.of(shape.rows()), layout, 0);
            t.call((kernels, on) ->
                    kernels.crossEntropy(on.of(nll), on.of(lse), on.of(logits), on.of(label), smoothing));
            t.agrees(nll, shape.cols(), 100);
            t.agrees(lse, shape.cols(), 100);
        });
        checks.eachBeta("crossEntropyBackward", variant, KernelContract.ROW_SHAPES, (t, shape, layout, beta) -> {
            int[] labels = someLabels(t, shape.rows(), shape.cols());
            Operand logits = t.input(shape, layout, logits(t, shape, labels));
            Operand label = t.indices(labels);
            Operand nll = t.output(Shape.of(shape.rows()), Layout.PACKED, 0);
            Operand lse = t.output(Shape.of(shape.rows()), layout, 0);
            t.prepare((kernels, on) ->
                    kernels.crossEntropy(on.of(nll), on.of(lse), on.of(logits), on.of(label), smoothing));
            Operand dnll = t.input(Shape.of(shape.rows()), layout);
            Operand dlogits = t.output(shape, layout, beta);
            t.call((kernels, on) -> kernels.crossEntropyBackward(on.of(dlogits), on.of(dnll), on.of(logits), on.of(lse),
                    on.of(label), smoothing, beta));
            t.agreesElementwise(dlogits, 16, 100.0 / shape.cols());   // z − lse of numbers around 100
        });
        oneClass(checks, smoothing);
    }

    /// A probability of 1 and a target of 1, whatever the smoothing: what is left must be less than a rounding error.
    private static void oneClass(Checks checks, double smoothing) {
        checks.add("crossEntropyBackward", "one class leaves nothing to learn, smoothing " + smoothing, t -> {
            Operand logits = t.input(Shape.of(5, 1), Layout.PACKED);
            Operand label = t.indices(0, 0, -1, 0, 0);
            Operand nll = t.output(Shape.of(5), Layout.PACKED, 0);
            Operand lse = t.output(Shape.of(5), Layout.PACKED, 0);
            t.prepare((kernels, on) ->
                    kernels.crossEntropy(on.of(nll), on.of(lse), on.of(logits), on.of(label), smoothing));
            Operand dnll = t.input(Shape.of(5), Layout.PACKED);
            Operand dlogits = t.output(Shape.of(5, 1), Layout.PACKED, 0);
            t.call((kernels, on) -> kernels.crossEntropyBackward(on.of(dlogits), on.of(dnll), on.of(logits), on.of(lse),
                    on.of(label), smoothing, 0));
            t.agreesElementwise(dlogits, 8, 1e-3);
        });
    }

    private static void linearCrossEntropy(Checks checks, double smoothing, DType weight, int chunk) {
        String variant = " (N, C, V), smoothing %s, w %s, %d rows at a time".formatted(smoothing, weight, chunk);
        checks.each("linearCrossEntropy", variant, HEADS, (t, ncv, layout) -> {
            Head head = Head.of(t, ncv, weight, layout);
            Operand nll = t.output(Shape.of(ncv.dim(0)), layout, 0);
            Operand lse = t.output(Shape.of(ncv.dim(0)), layout, 0);
            Operand dx = t.output(Shape.of(ncv.dim(0), ncv.dim(1)), layout, 0);
            Operand logits = t.output(Shape.of(chunk, ncv.dim(2)), Layout.PACKED, 0);
            t.call((kernels, on) -> kernels.linearCrossEntropy(on.of(nll), on.of(lse), on.of(dx), on.of(head.x),
                    on.of(head.w), on.of(head.labels), smoothing, 0.25, on.of(logits)));
            t.agrees(nll, ncv.dim(1) + ncv.dim(2), 10);
            t.agrees(lse, ncv.dim(1) + ncv.dim(2), 10);
            t.agrees(dx, ncv.dim(1) + ncv.dim(2), 1);
        });
        checks.each("linearCrossEntropy", variant + ", no gradient", HEADS, (t, ncv, layout) -> {
            Head head = Head.of(t, ncv, weight, layout);
            Operand nll = t.output(Shape.of(ncv.dim(0)), layout, 0);
            Operand lse = t.output(Shape.of(ncv.dim(0)), layout, 0);
            Operand logits = t.output(Shape.of(chunk, ncv.dim(2)), Layout.PACKED, 0);
            t.call((kernels, on) -> kernels.linearCrossEntropy(on.of(nll), on.of(lse), null, on.of(head.x),
                    on.of(head.w), on.of(head.labels), smoothing, 0.25, on.of(logits)));
            t.agrees(nll, ncv.dim(1) + ncv.dim(2), 10);
            t.agrees(lse, ncv.dim(1) + ncv.dim(2), 10);
        });
        checks.eachBeta("linearCrossEntropyWeightBackward", variant, HEADS, (t, ncv, layout, beta) -> {
            Head head = Head.of(t, ncv, weight, layout);
            Operand nll = t.output(Shape.of(ncv.dim(0)), Layout.PACKED, 0);
            Operand lse = t.output(Shape.of(ncv.dim(0)), layout, 0);
            Operand logits = t.output(Shape.of(chunk, ncv.dim(2)), Layout.PACKED, 1);
            t.prepare((kernels, on) -> kernels.linearCrossEntropy(on.of(nll), on.of(lse), null, on.of(head.x),
                    on.of(head.w), on.of(head.labels), smoothing, 1, on.of(logits)));
            Operand scratch = t.output(Shape.of(chunk, ncv.dim(2)), Layout.PACKED, 0);
            Operand factor = t.input(Shape.of(1), layout);
            Operand dw = t.output(Shape.of(ncv.dim(2), ncv.dim(1)), layout, beta);
            t.call((kernels, on) -> kernels.linearCrossEntropyWeightBackward(on.of(dw), on.of(factor), on.of(head.x),
                    on.of(head.w), on.of(lse), on.of(head.labels), smoothing, 0.25, on.of(scratch), beta));
            // The error of z, a sum itself, is a factor of each term; scaled bytes are 1.4 times as large as others.
            t.agrees(dw, ncv.dim(0) + ncv.dim(1), 3);
        });
    }

    private record Head(Operand x, Operand w, Operand labels) {
        static Head of(KernelTrial t, Shape ncv, DType weight, Layout layout) {
            return new Head(
                    t.input(Shape.of(ncv.dim(0), ncv.dim(1)), layout),
                    t.weight(weight, Shape.of(ncv.dim(2), ncv.dim(1)), layout),
                    t.indices(someLabels(t, ncv.dim(0), ncv.dim(2))));
        }
    }

    /// Labels of which every third is to be ignored; of one row, none.
    private static int[] someLabels(KernelTrial t, int rows, int classes) {
        int[] labels = t.random().ints(rows, 0, classes).toArray();
        for (int i = 1; i < rows; i += 3) {
            labels[i] = i % 2 == 0 ? -1 : -100;
        }
        return labels;
    }

    /// Scores whose exponentials overflow F32; NaN in the rows that nobody may look at.
    private static double[] logits(KernelTrial t, Shape shape, int[] labels) {
        double[] z = t.normal(shape);
        for (int i = 0; i < z.length; i++) {
            z[i] = labels[i / shape.cols()] < 0 ? Double.NaN : 3 * z[i] + 95;
        }
        return z;
    }
}
