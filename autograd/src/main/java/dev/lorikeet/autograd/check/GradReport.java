package dev.lorikeet.autograd.check;

import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// What [GradCheck] has found, one line per weight.
public record GradReport(List<Line> lines) {
    /// How a weight's gradient compares.
    ///
    /// The error of an element is `|a − n| / max(|a|, |n|, 10⁻³·max|n|, 10⁻⁵)` for the analytic `a` and the numeric
    /// `n`; `max|n|` is the weight's largest. The floor keeps the rounding error of an element whose gradient is
    /// (nearly) zero from being divided by nothing. NaN anywhere is an infinite error.
    ///
    /// @param weight   its name
    /// @param checked  number of elements that were compared
    /// @param maxError the largest error
    /// @param worst    index of the element that has it, as in `(2, 7)`
    /// @param analytic what backward computed there
    /// @param numeric  what the difference quotient says there
    public record Line(String weight, int checked, double maxError, String worst, double analytic, double numeric) {
        private static final double RELATIVE_FLOOR = 1e-3;
        private static final double ABSOLUTE_FLOOR = 1e-5;

        static Line of(Trainable weight, int[] elements, double[] analytic, double[] numeric) {
            double largest = Arrays.stream(numeric).map(Math::abs).max().orElse(0);
            double floor = Math.max(ABSOLUTE_FLOOR, RELATIVE_FLOOR * largest);
            int worst = -1;
            double maxError = -1;
            for (int k = 0; k < elements.length; k++) {
                double scale = Math.max(floor, Math.max(Math.abs(analytic[k]), Math.abs(numeric[k])));
                double error = Math.abs(analytic[k] - numeric[k]) / scale;
                error = Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
                if (error > maxError) {
                    maxError = error;
                    worst = k;
                }
            }
            return worst < 0
                    ? new Line(weight.name(), 0, 0, "none", 0, 0)
                    : new Line(weight.name(), elements.length, maxError, index(weight.shape(), elements[worst]),
                            analytic[worst], numeric[worst]);
        }

        private static String index(Shape shape, int element) {
            List<String> index = new ArrayList<>();
            int rest = element;
            for (int d = shape.rank() - 1; d >= 0; d--) {
                index.addFirst(Integer.toString(rest % shape.dim(d)));
                rest /= shape.dim(d);
            }
            return "(" + String.join(", ", index) + ")";
        }

        @Override
        public String toString() {
            return "%-40s %8d %10.1e   %s: analytic %.12g, numeric %.12g"
                    .formatted(weight, checked, maxError, worst, analytic, numeric);
        }
    }

    public GradReport {
        lines = List.copyOf(lines);
    }

    /// The largest error of all weights.
    public double maxError() {
        return lines.stream().mapToDouble(Line::maxError).max().orElse(0);
    }

    /// Does nothing if every error is at most `tolerance`.
    ///
    /// @throws AssertionError otherwise, with the lines of the weights that are wrong
    public void assertCorrect(double tolerance) {
        List<Line> wrong = lines.stream().filter(line -> !(line.maxError() <= tolerance)).toList();
        if (!wrong.isEmpty()) {
            throw new AssertionError("%d of %d gradients differ from finite differences by more than %.1e:%n%s"
                    .formatted(wrong.size(), lines.size(), tolerance, new GradReport(wrong)));
        }
    }

    /// A table for people.
    @Override
    public String toString() {
        return "%-40s %8s %10s   %s%n".formatted("weight", "checked", "max error", "worst element")
                + lines.stream().map(Line::toString).collect(Collectors.joining(System.lineSeparator()));
    }
}
