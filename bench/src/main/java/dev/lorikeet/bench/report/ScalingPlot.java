package dev.lorikeet.bench.report;

import dev.lorikeet.bench.compare.Result;
import dev.lorikeet.bench.compare.Samples;
import java.util.List;

/// Time against one axis (batch, sequence, …), relative to the first point, with the expected cost beside it. The
/// contenders of such a result are named by their place on the axis; the trait `expected` lists relative costs.
final class ScalingPlot {
    private static final int WIDTH = 300;
    private static final int HEIGHT = 260;

    private ScalingPlot() {}

    /// True if a result is a measurement along an axis.
    static boolean canDraw(Result result) {
        return result.traits().containsKey("axis") && result.contenders().size() > 1;
    }

    /// The relative costs that were expected.
    static List<Double> expected(Result result) {
        return java.util.Arrays.stream(result.traits().get("expected").split(",")).map(Double::valueOf).toList();
    }

    /// One plot per result, side by side.
    static String draw(List<Result> results) {
        Svg svg = new Svg(WIDTH * results.size(), HEIGHT);
        for (int i = 0; i < results.size(); i++) {
            draw(svg, results.get(i), WIDTH * i);
        }
        return svg.toString();
    }

    private static void draw(Svg svg, Result result, double left) {
        List<Samples> points = result.contenders();
        List<Double> expected = expected(result);
        double first = Double.parseDouble(points.getFirst().contender());
        double last = Double.parseDouble(points.getLast().contender());
        Axis x = new Axis(first, last, left + 50, left + WIDTH - 20);
        double most = expected.stream().mapToDouble(Double::doubleValue).max().orElse(1);
        double least = expected.stream().mapToDouble(Double::doubleValue).min().orElse(1);
        Axis y = new Axis(0.7 * Math.min(least, 1), 1.5 * Math.max(most, 1.2), HEIGHT - 50, 30);
        svg.text(left + WIDTH / 2.0, 18, "middle", "time against " + result.traits().get("axis"));
        double previousX = 0;
        double previousTime = 0;
        double previousExpected = 0;
        for (int i = 0; i < points.size(); i++) {
            double px = x.at(Double.parseDouble(points.get(i).contender()));
            double time = points.get(i).ratioTo(points.getFirst()).median();
            double py = y.at(Math.clamp(time, y.from(), y.to()));
            double pe = y.at(expected.get(i));
            if (i > 0) {
                svg.line(previousX, previousTime, px, py, "#1b6ca8", false);
                svg.line(previousX, previousExpected, px, pe, "#888888", true);
            }
            svg.dot(px, py, "#1b6ca8", Axis.label(time) + " times the first");
            svg.text(px, HEIGHT - 34, "middle", points.get(i).contender());
            svg.text(px, py - 8, "middle", Axis.label(time));
            previousX = px;
            previousTime = py;
            previousExpected = pe;
        }
        svg.text(left + WIDTH / 2.0, HEIGHT - 12, "middle", "dashed: expected from the operations");
    }
}
