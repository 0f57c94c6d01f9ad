package dev.lorikeet.autograd.graph;

/// The key to the colours, above the graph.
final class SvgLegend {
    /// Room that it needs, in pixels.
    static final double WIDTH = 560;
    private static final double COLUMN = 190;
    private static final double ROW = 22;
    private static final double SWATCH = 30;

    private SvgLegend() {}

    /// Appends a line made from a format.
    @FunctionalInterface
    interface Lines {
        void line(String format, Object... arguments);
    }

    static void write(Lines out, double x, double y, String summary) {
        out.line("<text class=\"name\" x=\"%s\" y=\"%s\" fill=\"%s\">%s</text>", x, y + 4, Palette.TEXT, summary);
        double line1 = y + 24;
        double line2 = line1 + ROW;
        box(out, x, line1, 4.0, Palette.opFill(true), Palette.opLine(true), "op, recorded");
        box(out, x, line2, 4.0, Palette.opFill(false), Palette.opLine(false), "op, not recorded");
        box(out, x + COLUMN, line1, 0.0, Palette.weightFill(true), Palette.line(true), "trainable weight");
        box(out, x + COLUMN, line2, 0.0, Palette.weightFill(false), Palette.line(false), "frozen weight");
        stroke(out, x + 2 * COLUMN, line1, true, "a gradient flows back");
        stroke(out, x + 2 * COLUMN, line2, false, "no gradient");
    }

    private static void box(Lines out, double x, double y, double radius, String fill, String line, String label) {
        out.line("<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"14\" rx=\"%s\" fill=\"%s\" stroke=\"%s\"/>",
                x, y - 7, SWATCH, radius, fill, line);
        label(out, x, y, label);
    }

    private static void stroke(Lines out, double x, double y, boolean gradient, String label) {
        out.line("<path d=\"M%s %s h%s\" stroke=\"%s\" stroke-width=\"%s\"/>",
                x, y, SWATCH, Palette.line(gradient), gradient ? 2.0 : 1.2);
        label(out, x, y, label);
    }

    private static void label(Lines out, double x, double y, String label) {
        out.line("<text x=\"%s\" y=\"%s\" fill=\"%s\">%s</text>", x + SWATCH + 8, y + 4, Palette.TEXT, label);
    }
}
