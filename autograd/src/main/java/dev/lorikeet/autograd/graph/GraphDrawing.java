package dev.lorikeet.autograd.graph;

import dev.lorikeet.autograd.Traced;
import java.util.List;

/// A picture of a step's ops, weights and activations.
///
/// ```java
/// try (Tape tape = Tape.traced(pool, key)) {
///     model.loss(tape, batch);
///     Files.writeString(file, GraphDrawing.of(tape.trace()).svg());
/// }
/// ```
///
/// Rounded boxes are ops with the shape of their result and the bytes they save, small boxes are weights, lines are
/// activations with their shapes. Whatever carries a gradient is coloured: trainable weights, recorded ops, and the
/// lines along which the backward pass will return. Frozen weights, ops that were not recorded and lines without a
/// gradient are grey. The same trace always gives the same text.
public final class GraphDrawing {
    private final Graph graph;

    private GraphDrawing(Graph graph) {
        this.graph = graph;
    }

    /// @param trace what `Tape.trace()` returns; the tape may have been closed since
    public static GraphDrawing of(List<Traced> trace) {
        return new GraphDrawing(Graph.of(trace));
    }

    /// A document that needs no style sheet, font or script from elsewhere.
    public String svg() {
        return SvgText.of(graph, Layers.of(graph));
    }

    /// Text for Graphviz: `dot -Tsvg`.
    public String dot() {
        return DotText.of(graph);
    }
}
