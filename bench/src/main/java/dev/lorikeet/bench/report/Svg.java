package dev.lorikeet.bench.report;

import java.util.Locale;

/// A picture of lines, rectangles, dots and words, in pixels from the upper left corner.
final class Svg {
    private final StringBuilder body = new StringBuilder();
    private final int width;
    private final int height;

    Svg(int width, int height) {
        this.width = width;
        this.height = height;
    }

    Svg line(double x1, double y1, double x2, double y2, String colour, boolean dashed) {
        return add("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"%s/>",
                x1, y1, x2, y2, colour, dashed ? " stroke-dasharray=\"5 4\"" : "");
    }

    Svg rectangle(double x, double y, double w, double h, String colour) {
        return add("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>", x, y, w, h, colour);
    }

    /// A dot that shows `title` under the mouse.
    Svg dot(double x, double y, String colour, String title) {
        return add("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"><title>%s</title></circle>",
                x, y, colour, escape(title));
    }

    /// Words that begin (`start`), end (`end`) or have their middle (`middle`) at `x`.
    Svg text(double x, double y, String anchor, String words) {
        return add("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>", x, y, anchor, escape(words));
    }

    private Svg add(String element, Object... values) {
        body.append(String.format(Locale.ROOT, element, values)).append('\n');
        return this;
    }

    private static String escape(String words) {
        return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    /// The whole file.
    @Override
    public String toString() {
        return """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">
                <rect width="100%%" height="100%%" fill="white"/>
                %s</svg>
                """.formatted(width, height, body);
    }
}
