package dev.lorikeet.autograd.graph;

import dev.lorikeet.autograd.graph.Graph.Edge;
import dev.lorikeet.autograd.graph.Graph.Node;
import dev.lorikeet.autograd.graph.Graph.WeightUse;
import java.util.HashSet;
import java.util.Set;

/// Writes a graph in Graphviz' language.
final class DotText {
    private DotText() {}

    static String of(Graph graph) {
        StringBuilder out = new StringBuilder();
        out.append("digraph step {\n");
        out.append("  label=").append(quoted(graph.summary())).append("; labelloc=t; rankdir=TB;\n");
        out.append("  node [fontname=\"Helvetica\", fontsize=11]; edge [fontname=\"Helvetica\", fontsize=9];\n");
        Set<Integer> drawn = new HashSet<>();
        for (int i = 0; i < graph.nodes().size(); i++) {
            node(out, i, graph.nodes().get(i), drawn);
        }
        for (Edge edge : graph.edges()) {
            Node source = graph.nodes().get(edge.from());
            line(out, "n" + edge.from(), "n" + edge.to(), source.shape().toString(), source.tracked());
        }
        return out.append("}\n").toString();
    }

    private static void node(StringBuilder out, int i, Node node, Set<Integer> drawn) {
        String saved = node.isOp() && node.tracked() ? "\\nsaves " + Graph.bytes(node.savedBytes()) : "";
        out.append("  n%d [shape=%s, style=\"%s\", label=\"%s\\n%s%s\", "
                .formatted(i, node.isOp() ? "box" : "ellipse", node.isOp() ? "rounded,filled" : "filled",
                        escaped(node.name()), node.shape(), saved));
        out.append("color=\"%s\", fillcolor=\"%s\", fontcolor=\"%s\"];\n"
                .formatted(Palette.opLine(node.tracked()), Palette.opFill(node.tracked()),
                        Palette.text(node.tracked())));
        for (WeightUse weight : node.weights()) {
            if (drawn.add(weight.id())) {
                out.append("  w%d [shape=box, height=0.2, style=filled, label=%s, color=\"%s\", fillcolor=\"%s\", "
                        .formatted(weight.id(), quoted(weight.name()), Palette.line(weight.trainable()),
                                Palette.weightFill(weight.trainable())));
                out.append("fontcolor=\"%s\", fontsize=9];\n".formatted(Palette.text(weight.trainable())));
            }
            line(out, "w" + weight.id(), "n" + i, weight.shape().toString(), weight.trainable());
        }
    }

    private static void line(StringBuilder out, String from, String to, String label, boolean gradient) {
        out.append("  %s -> %s [label=\"%s\", color=\"%s\", fontcolor=\"%s\", penwidth=%s];\n"
                .formatted(from, to, label, Palette.line(gradient), Palette.line(gradient), gradient ? "2" : "1"));
    }

    private static String quoted(String text) {
        return "\"" + escaped(text) + "\"";
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }
}
