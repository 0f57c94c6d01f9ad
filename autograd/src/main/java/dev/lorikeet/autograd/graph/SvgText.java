package dev.lorikeet.autograd.graph;

import dev.lorikeet.autograd.graph.Graph.Node;
import dev.lorikeet.autograd.graph.Graph.WeightUse;
import dev.lorikeet.autograd.graph.Layers.Item;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// Writes a graph as SVG. Lengths are in pixels at natural size; text is measured by the number of its characters.
final class SvgText {
    private static final double MARGIN = 24;
    private static final double LEGEND = 76;
    private static final double GAP_X = 28;
    private static final double GAP_Y = 52;
    private static final double OP_HEIGHT = 40;
    private static final double WEIGHT_HEIGHT = 18;
    private static final double WEIGHT_STEP = 22;
    private static final double WEIGHT_GAP = 22;
    private static final double PASSING_WIDTH = 6;
    private static final double PORT_STEP = 26;
    private static final double STRAIGHT_END = 22;
    private static final double NAME_CHAR = 8.2;
    private static final double SMALL_CHAR = 6.2;
    private static final double MONO_CHAR = 6.1;

    private final Graph graph;
    private final Layers layers;
    private final StringBuilder out = new StringBuilder();
    private final double[] top;
    private final double[] height;

    private SvgText(Graph graph, Layers layers) {
        this.graph = graph;
        this.layers = layers;
        this.top = new double[layers.rows().size()];
        this.height = new double[layers.rows().size()];
    }

    static String of(Graph graph, Layers layers) {
        return new SvgText(graph, layers).write();
    }

    private String write() {
        Placement.apply(layers, this::roomLeft, this::roomRight, GAP_X);
        double bottom = stackRows();
        double width = shiftToMargin();
        double total = Math.max(width, SvgLegend.WIDTH + 2 * MARGIN);
        line("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%s\" height=\"%s\" viewBox=\"0 0 %s %s\" role=\"img\">",
                total, bottom + MARGIN, total, bottom + MARGIN);
        line("<title>%s</title>", escaped(graph.summary()));
        line("<style>text{font-family:Helvetica,Arial,'Liberation Sans',sans-serif;font-size:11px}"
                + ".name{font-size:13px;font-weight:bold}"
                + ".weight{font-family:Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:10px}"
                + "path{fill:none}</style>");
        line("<rect width=\"100%%\" height=\"100%%\" fill=\"%s\"/>", Palette.PAPER);
        SvgLegend.write(this::line, MARGIN, MARGIN, graph.summary());
        edges();
        for (int row = 0; row < top.length; row++) {
            for (Item item : layers.rows().get(row)) {
                if (item.isNode()) {
                    node(graph.nodes().get(item.node), item.x, top[row] + height[row] / 2);
                }
            }
        }
        line("</svg>");
        return out.toString();
    }

    private double stackRows() {
        double y = MARGIN + LEGEND;
        for (int row = 0; row < top.length; row++) {
            top[row] = y;
            height[row] = OP_HEIGHT;
            for (Item item : layers.rows().get(row)) {
                if (item.isNode()) {
                    int weights = graph.nodes().get(item.node).weights().size();
                    height[row] = Math.max(height[row], weights * WEIGHT_STEP);
                }
            }
            y += height[row] + GAP_Y;
        }
        return top.length == 0 ? y : y - GAP_Y;
    }

    /// Returns the width of the picture.
    private double shiftToMargin() {
        double min = Double.MAX_VALUE;
        double max = 0;
        for (List<Item> row : layers.rows()) {
            for (Item item : row) {
                min = Math.min(min, item.x - roomLeft(item));
            }
        }
        for (List<Item> row : layers.rows()) {
            for (Item item : row) {
                item.x += MARGIN - min;
                max = Math.max(max, item.x + roomRight(item));
            }
        }
        return max + MARGIN;
    }

    // --- sizes -----------------------------------------------------------------------------------------------------

    private double roomLeft(Item item) {
        if (!item.isNode()) {
            return PASSING_WIDTH;
        }
        Node node = graph.nodes().get(item.node);
        double weights = weightWidth(node.weights());
        return opWidth(node) / 2 + (weights == 0 ? 0 : weights + WEIGHT_GAP);
    }

    private double roomRight(Item item) {
        return item.isNode() ? opWidth(graph.nodes().get(item.node)) / 2 : PASSING_WIDTH;
    }

    private static double opWidth(Node node) {
        return 24 + Math.max(node.name().length() * NAME_CHAR, detail(node).length() * SMALL_CHAR);
    }

    private static double weightWidth(List<WeightUse> weights) {
        return weights.stream().mapToDouble(weight -> 12 + weight.label().length() * MONO_CHAR).max().orElse(0);
    }

    private static String detail(Node node) {
        return node.isOp() && node.tracked()
                ? node.shape() + ", saves " + Graph.bytes(node.savedBytes())
                : node.shape().toString();
    }

    // --- nodes -----------------------------------------------------------------------------------------------------

    private void node(Node node, double x, double y) {
        double width = opWidth(node);
        double first = y - (node.weights().size() - 1) * WEIGHT_STEP / 2;
        for (int i = 0; i < node.weights().size(); i++) {
            weight(node.weights().get(i), x - width / 2, first + i * WEIGHT_STEP, weightWidth(node.weights()), y);
        }
        line("<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"%s\" fill=\"%s\" stroke=\"%s\"%s/>",
                x - width / 2, y - OP_HEIGHT / 2, width, OP_HEIGHT, node.isOp() ? 9.0 : OP_HEIGHT / 2,
                Palette.opFill(node.tracked()), Palette.opLine(node.tracked()),
                node.tracked() ? " stroke-width=\"1.5\"" : "");
        line("<text class=\"name\" x=\"%s\" y=\"%s\" text-anchor=\"middle\" fill=\"%s\">%s</text>",
                x, y - 3, Palette.text(node.tracked()), escaped(node.name()));
        line("<text x=\"%s\" y=\"%s\" text-anchor=\"middle\" fill=\"%s\">%s</text>",
                x, y + 12, Palette.text(node.tracked()), detail(node));
    }

    private void weight(WeightUse weight, double opLeft, double y, double width, double opY) {
        double right = opLeft - WEIGHT_GAP;
        line("<path d=\"M%s %s C%s %s %s %s %s %s\" stroke=\"%s\" stroke-width=\"%s\"/>",
                right, y, right + WEIGHT_GAP / 2, y, opLeft - WEIGHT_GAP / 2, opY + (y - opY) * 0.4,
                opLeft, opY + (y - opY) * 0.4, Palette.line(weight.trainable()), weight.trainable() ? 2.0 : 1.0);
        line("<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" fill=\"%s\" stroke=\"%s\"/>",
                right - width, y - WEIGHT_HEIGHT / 2, width, WEIGHT_HEIGHT, Palette.weightFill(weight.trainable()),
                Palette.line(weight.trainable()));
        line("<text class=\"weight\" x=\"%s\" y=\"%s\" fill=\"%s\">%s</text>",
                right - width + 6, y + 3.5, Palette.text(weight.trainable()), escaped(weight.label()));
    }

    // --- edges -----------------------------------------------------------------------------------------------------

    private void edges() {
        for (Item target : layers.rows().stream().flatMap(List::stream).filter(Item::isNode).toList()) {
            List<List<Item>> arriving = new ArrayList<>(
                    layers.paths().stream().filter(path -> path.getLast() == target).toList());
            arriving.sort(Comparator.comparingDouble(path -> path.get(path.size() - 2).x));
            for (int port = 0; port < arriving.size(); port++) {
                edge(arriving.get(port), port, arriving.size());
            }
        }
    }

    private void edge(List<Item> path, int port, int ports) {
        Node source = graph.nodes().get(path.getFirst().node);
        String colour = Palette.line(source.tracked());
        double x = path.getFirst().x;
        double y = middle(path.getFirst()) + OP_HEIGHT / 2;
        StringBuilder d = new StringBuilder("M" + number(x) + " " + number(y));
        for (Item passing : path.subList(1, path.size() - 1)) {
            curve(d, x, y, passing.x, top[passing.row]);
            x = passing.x;
            y = top[passing.row] + height[passing.row];
            d.append(" L").append(number(x)).append(' ').append(number(y));
        }
        Item target = path.getLast();
        String label = source.shape().toString();
        double step = ports < 3 ? PORT_STEP : 14 + label.length() * SMALL_CHAR;   // room for a label between two lines
        double end = target.x + (port - (ports - 1) / 2.0) * step;
        double endY = middle(target) - OP_HEIGHT / 2;
        curve(d, x, y, end, endY - STRAIGHT_END);
        d.append(" L").append(number(end)).append(' ').append(number(endY - 6));
        line("<path d=\"%s\" stroke=\"%s\" stroke-width=\"%s\"/>", d, colour, source.tracked() ? 2.0 : 1.2);
        line("<path d=\"M%s %s l-4 -7 h8 z\" style=\"fill:%s\"/>", end, endY, colour);
        boolean toTheLeft = ports > 1 && port < ports / 2;
        line("<text x=\"%s\" y=\"%s\" text-anchor=\"%s\" fill=\"%s\">%s</text>",
                end + (toTheLeft ? -7 : 7), endY - 9, toTheLeft ? "end" : "start", colour, label);
    }

    private static void curve(StringBuilder d, double x, double y, double toX, double toY) {
        double half = (y + toY) / 2;
        d.append(" C").append(number(x)).append(' ').append(number(half)).append(' ').append(number(toX)).append(' ')
                .append(number(half)).append(' ').append(number(toX)).append(' ').append(number(toY));
    }

    private double middle(Item item) {
        return top[item.row] + height[item.row] / 2;
    }

    // --- text ------------------------------------------------------------------------------------------------------

    /// Appends a line; every number is written with one digit after the point.
    private void line(String format, Object... arguments) {
        Object[] texts = new Object[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            texts[i] = arguments[i] instanceof Double number ? number(number) : arguments[i];
        }
        out.append(String.format(Locale.ROOT, format, texts)).append('\n');
    }

    private static String number(double value) {
        String text = String.format(Locale.ROOT, "%.1f", value + 0.0);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
