package dev.lorikeet.autograd.graph;

import dev.lorikeet.autograd.graph.Layers.Item;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/// Horizontal positions: nodes stand below their inputs and above their users as well as the order within a layer and
/// the widths allow, and an edge that passes several layers runs straight down beside them.
///
/// Every item wishes for a place: a node for the mean of the nodes it is connected to, a passing edge for something
/// between its own mean and its ends. Each layer is then solved exactly for the least weighted sum of squared distances
/// from the wishes under the minimum distances, by pooling neighbours that would collide; passing edges weigh next to
/// nothing, so they step aside. A few dozen rounds settle it. Finally each passing edge is straightened at its
/// outermost place.
final class Placement {
    private static final int ROUNDS = 80;
    private static final double TOLERANCE = 0.01;
    private static final double PASSING_WEIGHT = 1e-6;

    private final Layers layers;
    private final ToDoubleFunction<Item> left;
    private final ToDoubleFunction<Item> right;
    private final double gap;

    private Placement(Layers layers, ToDoubleFunction<Item> left, ToDoubleFunction<Item> right, double gap) {
        this.layers = layers;
        this.left = left;
        this.right = right;
        this.gap = gap;
    }

    /// Sets `x` of every item.
    ///
    /// @param left  room that an item needs on the left of its `x`
    /// @param right room on the right
    /// @param gap   least room between two items
    static void apply(Layers layers, ToDoubleFunction<Item> left, ToDoubleFunction<Item> right, double gap) {
        new Placement(layers, left, right, gap).run();
    }

    private void run() {
        for (List<Item> row : layers.rows()) {
            for (int i = 0; i < row.size(); i++) {
                row.get(i).x = i == 0 ? 0 : row.get(i - 1).x + distance(row.get(i - 1), row.get(i));
            }
        }
        List<Bundle> bundles = bundles();
        for (int round = 0; round < ROUNDS; round++) {
            Map<Integer, Double> wishes = new HashMap<>();
            bundles.forEach(bundle -> wishes.put(bundle.source(), (bundle.mean() + bundle.ends()) / 2));
            for (List<Item> row : round % 2 == 0 ? layers.rows() : layers.rows().reversed()) {
                settle(row, wishes);
            }
        }
        bundles.sort(Comparator.comparingDouble(bundle -> -Math.abs(bundle.outermost() - bundle.ends())));
        bundles.forEach(this::straighten);
    }

    /// The places of one node's edges in the layers that they pass.
    private record Bundle(int source, List<Item> places) {
        double mean() {
            return places.stream().mapToDouble(item -> item.x).average().orElseThrow();
        }

        /// Mean position of the nodes at both ends.
        double ends() {
            return places.stream()
                    .flatMap(item -> Stream.concat(item.above.stream(), item.below.stream()))
                    .filter(Item::isNode)
                    .mapToDouble(item -> item.x)
                    .average()
                    .orElseThrow();
        }

        double outermost() {
            double ends = ends();
            return places.stream()
                    .map(item -> item.x)
                    .max(Comparator.comparingDouble(x -> Math.abs(x - ends)))
                    .orElseThrow();
        }
    }

    private List<Bundle> bundles() {
        Map<Integer, List<Item>> bySource = new TreeMap<>();
        layers.rows().forEach(row -> row.stream().filter(item -> !item.isNode()).forEach(
                item -> bySource.computeIfAbsent(item.source, _ -> new ArrayList<>()).add(item)));
        List<Bundle> bundles = new ArrayList<>();
        bySource.forEach((source, places) -> bundles.add(new Bundle(source, places)));
        return bundles;
    }

    private void straighten(Bundle bundle) {
        double x = bundle.outermost();
        if (bundle.places().stream().allMatch(item -> fits(item, x))) {
            bundle.places().forEach(item -> item.x = x);
        }
    }

    private boolean fits(Item item, double x) {
        List<Item> row = layers.rows().get(item.row);
        int i = item.position;
        return (i == 0 || row.get(i - 1).x + distance(row.get(i - 1), item) <= x + TOLERANCE)
                && (i == row.size() - 1 || x + distance(item, row.get(i + 1)) <= row.get(i + 1).x + TOLERANCE);
    }

    private double distance(Item one, Item next) {
        return right.applyAsDouble(one) + gap + left.applyAsDouble(next);
    }

    private static double wish(Item item, Map<Integer, Double> passing) {
        if (!item.isNode()) {
            return passing.get(item.source);
        }
        double sum = 0;
        int count = 0;
        for (List<Item> neighbours : List.of(item.above, item.below)) {
            for (Item neighbour : neighbours) {
                if (neighbour.isNode()) {
                    sum += neighbour.x;
                    count++;
                }
            }
        }
        return count == 0 ? item.x : sum / count;
    }

    /// Pool adjacent violators: with the minimum distances taken off, positions must not decrease.
    private void settle(List<Item> row, Map<Integer, Double> passing) {
        int n = row.size();
        double[] offset = new double[n];
        double[] value = new double[n];
        double[] weight = new double[n];
        int[] size = new int[n];
        int blocks = 0;
        for (int i = 0; i < n; i++) {
            offset[i] = i == 0 ? 0 : offset[i - 1] + distance(row.get(i - 1), row.get(i));
            value[blocks] = wish(row.get(i), passing) - offset[i];
            weight[blocks] = row.get(i).isNode() ? 1 : PASSING_WEIGHT;
            size[blocks++] = 1;
            while (blocks > 1 && value[blocks - 2] > value[blocks - 1]) {
                blocks--;
                double total = weight[blocks - 1] + weight[blocks];
                value[blocks - 1] =
                        (weight[blocks - 1] * value[blocks - 1] + weight[blocks] * value[blocks]) / total;
                weight[blocks - 1] = total;
                size[blocks - 1] += size[blocks];
            }
        }
        for (int block = 0, i = 0; block < blocks; block++) {
            for (int k = 0; k < size[block]; k++, i++) {
                row.get(i).x = value[block] + offset[i];
            }
        }
    }
}
