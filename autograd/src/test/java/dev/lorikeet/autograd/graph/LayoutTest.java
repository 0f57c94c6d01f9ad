package dev.lorikeet.autograd.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.lorikeet.autograd.graph.Graph.Edge;
import dev.lorikeet.autograd.graph.Graph.Node;
import dev.lorikeet.autograd.graph.Layers.Item;
import dev.lorikeet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LayoutTest {
    private static Graph graph(int nodes, int[]... edges) {
        List<Node> list = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            list.add(new Node("op" + i, Shape.of(1), true, false, 0, List.of()));
        }
        List<Edge> lines = new ArrayList<>();
        for (int[] edge : edges) {
            lines.add(new Edge(edge[0], edge[1]));
        }
        return new Graph(list, lines);
    }

    private static int[] edge(int from, int to) {
        return new int[] {from, to};
    }

    private static Layers placed(Graph graph) {
        Layers layers = Layers.of(graph);
        Placement.apply(layers, item -> item.isNode() ? 40 + 13 * (item.node % 3) : 5, _ -> 20, 10);
        return layers;
    }

    private static void assertNothingOverlaps(Layers layers) {
        for (List<Item> row : layers.rows()) {
            for (int i = 1; i < row.size(); i++) {
                Item left = row.get(i - 1);
                Item right = row.get(i);
                double room = 20 + 10 + (right.isNode() ? 40 + 13 * (right.node % 3) : 5);
                assertThat(right.x - left.x).isGreaterThanOrEqualTo(room - 0.02);
            }
        }
    }

    @Test
    void a_chain_with_a_residual_connection_is_a_straight_line_with_a_straight_bypass() {
        Layers layers = placed(graph(
                5, edge(0, 1), edge(1, 2), edge(2, 3), edge(3, 4), edge(0, 4)));
        assertThat(layers.rows()).hasSize(5);
        assertThat(layers.rows()).allSatisfy(row -> assertThat(row.getFirst().isNode()).isTrue());
        double x = layers.rows().getFirst().getFirst().x;
        assertThat(layers.rows()).allSatisfy(row -> assertThat(row.getFirst().x).isCloseTo(x, offset(0.5)));
        List<Item> bypass = layers.paths().getLast().subList(1, 4);
        assertThat(bypass).hasSize(3).noneMatch(Item::isNode);
        assertThat(bypass).allSatisfy(item -> assertThat(item.x).isEqualTo(bypass.getFirst().x).isGreaterThan(x));
    }

    @Test
    void an_input_stands_directly_above_its_first_use() {
        Layers layers = Layers.of(graph(5, edge(0, 1), edge(1, 3), edge(2, 3), edge(3, 4)));
        assertThat(layers.rows().get(1)).extracting(item -> item.node).containsExactlyInAnyOrder(1, 2);
    }

    @Test
    void crossings_that_can_be_avoided_are() {
        // two ladders whose rungs are listed in the wrong order
        Layers layers = Layers.of(graph(6, edge(0, 3), edge(1, 2), edge(2, 5), edge(3, 4)));
        assertThat(Layers.crossings(layers.rows())).isZero();
    }

    @Test
    void every_edge_of_a_random_graph_goes_down_layer_by_layer_and_nothing_overlaps() {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            List<int[]> edges = new ArrayList<>();
            for (int to = 1; to < 25; to++) {
                for (int k = random.nextInt(3); k >= 0; k--) {
                    edges.add(edge(random.nextInt(to), to));
                }
            }
            Layers layers = placed(graph(25, edges.toArray(int[][]::new)));
            for (int i = 0; i < edges.size(); i++) {
                List<Item> path = layers.paths().get(i);
                assertThat(path.getFirst().node).isEqualTo(edges.get(i)[0]);
                assertThat(path.getLast().node).isEqualTo(edges.get(i)[1]);
                for (int k = 1; k < path.size(); k++) {
                    assertThat(path.get(k).row).isEqualTo(path.get(k - 1).row + 1);
                }
            }
            assertThat(layers.rows().stream().flatMap(List::stream)).allMatch(item -> Double.isFinite(item.x));
            assertNothingOverlaps(layers);
        }
    }
}
