package dev.lorikeet.autograd.graph;

import dev.lorikeet.autograd.graph.Graph.Edge;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// The nodes of a graph in layers, every edge pointing down (Sugiyama, Tagawa and Toda 1981): a node stands one layer
/// below the lowest of its inputs. An edge to a layer further down gets an [Item] without a node in each layer that it
/// passes, so that it has a place of its own there; edges from one node share these places.
///
/// @param rows  the layers from the top, each from left to right
/// @param paths for each edge of the graph the items that it visits, both ends included
record Layers(List<List<Item>> rows, List<List<Item>> paths) {
    private static final int SWEEPS = 8;

    /// A place in a layer.
    static final class Item {
        /// Index of the node, or −1 where an edge only passes.
        final int node;
        /// Index of the node that the edge comes from.
        final int source;
        /// Number of its layer.
        final int row;
        final List<Item> above = new ArrayList<>();
        final List<Item> below = new ArrayList<>();
        int position;
        double x;

        Item(int node, int source, int row) {
            this.node = node;
            this.source = source;
            this.row = row;
        }

        boolean isNode() {
            return node >= 0;
        }
    }

    static Layers of(Graph graph) {
        int[] layer = assign(graph);
        int count = Arrays.stream(layer).max().orElse(-1) + 1;
        List<List<Item>> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(new ArrayList<>());
        }
        Item[] nodes = new Item[layer.length];
        for (int i = 0; i < layer.length; i++) {
            nodes[i] = new Item(i, i, layer[i]);
            rows.get(layer[i]).add(nodes[i]);
        }
        List<List<Item>> paths = new ArrayList<>();
        Item[][] passing = new Item[layer.length][count];
        for (Edge edge : graph.edges()) {
            List<Item> path = new ArrayList<>(List.of(nodes[edge.from()]));
            for (int l = layer[edge.from()] + 1; l < layer[edge.to()]; l++) {
                if (passing[edge.from()][l] == null) {
                    passing[edge.from()][l] = new Item(-1, edge.from(), l);
                    rows.get(l).add(passing[edge.from()][l]);
                }
                path.add(passing[edge.from()][l]);
            }
            path.add(nodes[edge.to()]);
            connect(path);
            paths.add(path);
        }
        return new Layers(order(rows), paths);
    }

    private static void connect(List<Item> path) {
        for (int i = 1; i < path.size(); i++) {
            Item upper = path.get(i - 1);
            Item lower = path.get(i);
            if (!upper.below.contains(lower)) {
                upper.below.add(lower);
                lower.above.add(upper);
            }
        }
    }

    /// The longest way from the top; what depends on nothing stands directly above its first use.
    private static int[] assign(Graph graph) {
        int n = graph.nodes().size();
        int[] layer = new int[n];
        boolean[] fed = new boolean[n];
        for (Edge edge : graph.edges()) {   // sorted by target, so the source's layer is final
            layer[edge.to()] = Math.max(layer[edge.to()], layer[edge.from()] + 1);
            fed[edge.to()] = true;
        }
        int[] first = new int[n];
        Arrays.fill(first, Integer.MAX_VALUE);
        for (Edge edge : graph.edges()) {
            first[edge.from()] = Math.min(first[edge.from()], layer[edge.to()]);
        }
        for (int i = 0; i < n; i++) {
            if (!fed[i] && first[i] < Integer.MAX_VALUE) {
                layer[i] = first[i] - 1;
            }
        }
        return layer;
    }

    /// Sorts each layer by the mean position of its neighbours, down and up in turn, and keeps the arrangement with the
    /// fewest crossings.
    private static List<List<Item>> order(List<List<Item>> rows) {
        number(rows);
        List<List<Item>> best = copy(rows);
        int fewest = crossings(rows);
        for (int sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
            boolean down = sweep % 2 == 0;
            for (List<Item> row : down ? rows : rows.reversed()) {
                row.sort(Comparator.comparingDouble(item -> mean(down ? item.above : item.below, item.position)));
                number(List.of(row));
            }
            int now = crossings(rows);
            if (now < fewest) {
                fewest = now;
                best = copy(rows);
            }
        }
        number(best);
        return best;
    }

    private static double mean(List<Item> neighbours, double otherwise) {
        return neighbours.stream().mapToInt(item -> item.position).average().orElse(otherwise);
    }

    private static void number(List<List<Item>> rows) {
        for (List<Item> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                row.get(i).position = i;
            }
        }
    }

    private static List<List<Item>> copy(List<List<Item>> rows) {
        List<List<Item>> copy = new ArrayList<>();
        rows.forEach(row -> copy.add(new ArrayList<>(row)));
        return copy;
    }

    static int crossings(List<List<Item>> rows) {
        int crossings = 0;
        for (List<Item> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                for (int k = i + 1; k < row.size(); k++) {
                    for (Item left : row.get(i).below) {
                        for (Item right : row.get(k).below) {
                            crossings += left.position > right.position ? 1 : 0;
                        }
                    }
                }
            }
        }
        return crossings;
    }
}
