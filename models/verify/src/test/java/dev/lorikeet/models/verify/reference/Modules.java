package dev.lorikeet.models.verify.reference;

/// The modules of a model in one pass: layers by their paths in transformers' models.
abstract class Modules {
    private final Graph graph;
    private final boolean conv1d;

    /// @param conv1d whether weights of projections are stored `(in, out)`, as GPT-2's
    Modules(Graph graph, boolean conv1d) {
        this.graph = graph;
        this.conv1d = conv1d;
    }

    final Graph graph() {
        return graph;
    }

    /// The parameter at `path` as a plain layer uses it.
    abstract Matrix parameter(String path);

    /// The parameter at `path`, which the base stores as `other` only.
    abstract Matrix tied(String path, String other);

    /// A projection's weight as `(out, in)`.
    final Matrix outIn(String path) {
        Matrix weight = parameter(path + ".weight");
        return conv1d ? graph.transposed(weight) : weight;
    }

    Matrix linear(String path, Matrix x) {
        return graph.plusRow(graph.productT(x, outIn(path)), parameter(path + ".bias"));
    }

    Matrix lookup(String path, int[] ids, int padding) {
        return graph.rows(parameter(path + ".weight"), ids, padding);
    }

    final Matrix layerNorm(String path, Matrix x, double eps) {
        return graph.layerNorm(x, parameter(path + ".weight"), parameter(path + ".bias"), eps);
    }
}
