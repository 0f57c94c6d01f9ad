package dev.lorikeet.autograd.graph;

import dev.lorikeet.autograd.Activation;
import dev.lorikeet.autograd.Traced;
import dev.lorikeet.autograd.Trainable;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.Weight;
import dev.lorikeet.tensor.Shape;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/// What a tape has traced, without its tensors.
///
/// @param nodes ops in execution order, each preceded by the inputs of the step that it is the first to use
/// @param edges activations on their way from a node to a later one
record Graph(List<Node> nodes, List<Edge> edges) {
    /// An op, or something that no op of the step has computed.
    ///
    /// @param name       simple name of the op; `input`
    /// @param shape      of its result
    /// @param isOp       false for an input of the step
    /// @param tracked    whether a gradient flows through it
    /// @param savedBytes step memory kept for its backward
    /// @param weights    what it uses besides activations
    record Node(String name, Shape shape, boolean isOp, boolean tracked, long savedBytes, List<WeightUse> weights) {}

    /// A weight beside an op.
    ///
    /// @param id number of the weight; the same at each of its uses
    record WeightUse(int id, String name, Shape shape, boolean trainable) {
        /// `name (out, in)`.
        String label() {
            return name + " " + shape;
        }
    }

    /// @param from index of the node that computes the activation
    /// @param to   index of the op that uses it
    record Edge(int from, int to) {}

    Graph {
        nodes = List.copyOf(nodes);
        edges = List.copyOf(edges);
    }

    static Graph of(List<Traced> trace) {
        List<Node> nodes = new ArrayList<>();
        List<Edge> edges = new ArrayList<>();
        Map<Activation, Integer> sources = new IdentityHashMap<>();
        Map<Weight, Integer> weightIds = new IdentityHashMap<>();
        for (Traced traced : trace) {
            List<WeightUse> weights = new ArrayList<>();
            List<Integer> from = new ArrayList<>();
            for (Variable input : traced.inputs()) {
                switch (input) {
                    case Weight weight -> {
                        Integer known = weightIds.putIfAbsent(weight, weightIds.size());
                        int id = known == null ? weightIds.size() - 1 : known;
                        weights.add(new WeightUse(id, weight.name(), weight.shape(), weight instanceof Trainable));
                    }
                    case Activation activation -> from.add(sources.computeIfAbsent(activation, constant -> {
                        nodes.add(new Node("input", constant.shape(), false, constant.isTracked(), 0, List.of()));
                        return nodes.size() - 1;
                    }));
                }
            }
            int op = nodes.size();
            from.forEach(source -> edges.add(new Edge(source, op)));
            Activation output = traced.output();
            sources.put(output, op);
            nodes.add(new Node(traced.op().getSimpleName(), output.shape(), true, output.isTracked(),
                    traced.savedBytes(), weights));
        }
        return new Graph(nodes, edges);
    }

    /// `28 ops, 19 recorded, 14.5 KiB saved`.
    String summary() {
        long ops = nodes.stream().filter(Node::isOp).count();
        long recorded = nodes.stream().filter(node -> node.isOp() && node.tracked()).count();
        long saved = nodes.stream().mapToLong(Node::savedBytes).sum();
        return "%d ops, %d recorded, %s saved".formatted(ops, recorded, bytes(saved));
    }

    /// `512 B`, `14.5 KiB`, `3 MiB`.
    static String bytes(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        double size = bytes;
        int unit = 0;
        while (size >= 1024 && unit < units.length - 1) {
            size /= 1024;
            unit++;
        }
        String digits = String.format(java.util.Locale.ROOT, "%.1f", size);
        return (digits.endsWith(".0") ? digits.substring(0, digits.length() - 2) : digits) + " " + units[unit];
    }
}
