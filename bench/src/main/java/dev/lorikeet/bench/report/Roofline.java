package dev.lorikeet.bench.report;

import dev.lorikeet.bench.compare.Result;
import java.util.List;

/// Operations per second against operations per byte: our kernels under the ceilings of the machine. A dot above the
/// slanted roof has its operands in a cache.
final class Roofline {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 460;
    private static final String[] COLOURS = {"#1b6ca8", "#c1440e", "#3b7d3a", "#7a4fa3", "#8a6d00"};

    private Roofline() {}

    /// The picture of all results whose operations and bytes are known.
    static String draw(Ceilings ceilings, List<Result> results) {
        List<Result> shown = results.stream().filter(one -> one.work().intensity() > 0).toList();
        Axis x = new Axis(0.25, 1024, 70, WIDTH - 20);
        Axis y = new Axis(1, 2 * Math.max(ceilings.gigaflops(), 1), HEIGHT - 50, 20);
        Svg svg = new Svg(WIDTH, HEIGHT);
        for (double flops = 1; flops < y.to(); flops *= 4) {
            svg.line(70, y.at(flops), WIDTH - 20, y.at(flops), "#e4e4e4", false);
            svg.text(64, y.at(flops) + 4, "end", Axis.label(flops));
        }
        for (double intensity = 0.25; intensity <= 1024; intensity *= 4) {
            svg.line(x.at(intensity), 20, x.at(intensity), HEIGHT - 50, "#e4e4e4", false);
            svg.text(x.at(intensity), HEIGHT - 34, "middle", Axis.label(intensity));
        }
        double ridge = ceilings.gigaflops() / ceilings.gigabytes();
        double left = Math.max(0.25, 1 / ceilings.gigabytes());
        svg.line(x.at(left), y.at(ceilings.roof(left)), x.at(ridge), y.at(ceilings.gigaflops()), "black", false);
        svg.line(x.at(ridge), y.at(ceilings.gigaflops()), WIDTH - 20, y.at(ceilings.gigaflops()), "black", false);
        svg.text(WIDTH - 24, y.at(ceilings.gigaflops()) - 6, "end",
                "%s GFLOP/s from registers, %s GB/s from memory".formatted(
                        Axis.label(Math.round(ceilings.gigaflops())), Axis.label(Math.round(ceilings.gigabytes()))));
        List<String> suites = shown.stream().map(Result::suite).distinct().toList();
        for (Result one : shown) {
            String colour = COLOURS[suites.indexOf(one.suite()) % COLOURS.length];
            double rate = Math.max(one.gigaflops(one.ours()), 1);
            svg.dot(x.at(Math.clamp(one.work().intensity(), 0.25, 1024)), y.at(rate), colour,
                    "%s %s: %s GFLOP/s".formatted(one.suite(), one.comparison(), Axis.label(rate)));
        }
        for (int i = 0; i < suites.size(); i++) {
            svg.rectangle(90, 30 + 18 * i, 10, 10, COLOURS[i % COLOURS.length]);
            svg.text(106, 39 + 18 * i, "start", suites.get(i));
        }
        svg.text(WIDTH / 2.0, HEIGHT - 10, "middle", "operations per byte, each operand counted once");
        svg.text(8, 14, "start", "GFLOP/s");
        return svg.toString();
    }
}
