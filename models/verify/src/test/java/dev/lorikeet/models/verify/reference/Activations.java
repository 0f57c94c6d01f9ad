package dev.lorikeet.models.verify.reference;

/// The activations of transformers by the formulae of their papers.
final class Activations {
    private Activations() {}

    /// `gelu_new`: `x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³)))`.
    static Matrix geluTanh(Graph graph, Matrix x) {
        double c = Math.sqrt(2 / Math.PI);
        return graph.map(x,
                u -> 0.5 * u * (1 + Math.tanh(c * (u + 0.044715 * u * u * u))),
                u -> {
                    double t = Math.tanh(c * (u + 0.044715 * u * u * u));
                    return 0.5 * (1 + t) + 0.5 * u * (1 - t * t) * c * (1 + 3 * 0.044715 * u * u);
                });
    }

    /// `gelu`: `x·Φ(x)`, Φ the normal distribution.
    static Matrix gelu(Graph graph, Matrix x) {
        return graph.map(x,
                u -> 0.5 * u * (1 + erf(u / Math.sqrt(2))),
                u -> 0.5 * (1 + erf(u / Math.sqrt(2))) + u * Math.exp(-u * u / 2) / Math.sqrt(2 * Math.PI));
    }

    static Matrix tanh(Graph graph, Matrix x) {
        return graph.map(x, Math::tanh, u -> 1 - Math.tanh(u) * Math.tanh(u));
    }

    /// The error function by its Taylor series near 0 and by the continued fraction of its complement elsewhere.
    static double erf(double x) {
        double u = Math.abs(x);
        if (u > 6) {
            return Math.signum(x);
        }
        if (u < 2.5) {
            double term = u;
            double sum = u;
            for (int n = 1; n < 100; n++) {
                term *= -u * u / n;
                sum += term / (2 * n + 1);
            }
            return Math.signum(x) * sum * 2 / Math.sqrt(Math.PI);
        }
        double fraction = 0;
        for (int k = 60; k >= 1; k--) {
            fraction = k / 2.0 / (u + fraction);
        }
        return Math.signum(x) * (1 - Math.exp(-u * u) / Math.sqrt(Math.PI) / (u + fraction));
    }
}
