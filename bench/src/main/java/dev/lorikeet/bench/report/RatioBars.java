package dev.lorikeet.bench.report;

import dev.lorikeet.bench.compare.Result;
import dev.lorikeet.bench.compare.Spread;
import java.util.List;
import java.util.Locale;

/// A bar per comparison: how many times longer the best peer took, with quartiles. Right of the line we are faster.
final class RatioBars {
    private static final int WIDTH = 900;
    private static final int LEFT = 330;
    private static final int STEP = 20;

    private RatioBars() {}

    /// The picture of all results that have a peer.
    static String draw(List<Result> results) {
        List<Result> shown = results.stream().filter(one -> one.speedup().isPresent()).toList();
        int height = 50 + STEP * shown.size();
        double least = shown.stream().mapToDouble(one -> one.speedup().orElseThrow().low()).min().orElse(1);
        double most = shown.stream().mapToDouble(one -> one.speedup().orElseThrow().high()).max().orElse(1);
        Axis x = new Axis(Math.min(0.5, 0.9 * least), Math.max(2, 1.1 * most), LEFT, WIDTH - 150);
        Svg svg = new Svg(WIDTH, height);
        for (int i = 0; i < shown.size(); i++) {
            Result one = shown.get(i);
            Spread ratio = one.speedup().orElseThrow();
            double y = 30 + STEP * i;
            double from = Math.min(x.at(1), x.at(ratio.median()));
            svg.text(LEFT - 8, y + 11, "end", one.suite() + ": " + one.comparison());
            svg.rectangle(from, y, Math.max(1, Math.abs(x.at(ratio.median()) - x.at(1))), STEP - 6,
                    ratio.median() >= 1 ? "#3b7d3a" : "#c1440e");
            svg.line(x.at(ratio.low()), y + 7, x.at(ratio.high()), y + 7, "black", false);
            svg.text(WIDTH - 144, y + 11, "start", String.format(Locale.ROOT, "%.2f × %s", ratio.median(),
                    one.bestPeer().orElseThrow().contender()));
        }
        svg.line(x.at(1), 22, x.at(1), height - 16, "black", false);
        svg.text(x.at(1), 16, "middle", "best peer's time / ours");
        return svg.toString();
    }
}
