package dev.lorikeet.models.verify.reference;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// Five steps of `torch.optim.AdamW`: betas 0.9 and 0.999, eps 1e-8, weight decay 0.01, learning rates that warm up
/// linearly in 2 steps of 10 to 1e-3.
final class Training {
    static final double[] RATES = {0, 0.0005, 0.001, 0.000875, 0.00075};
    static final double DECAY = 0.01;

    private Training() {}

    /// The loss before each step and after the last; `parameters` are changed.
    ///
    /// @param decays whether the parameter with a key decays
    static List<Double> run(
            ReferenceModel model, Parameters parameters, PaddedBatch batch, Predicate<String> decays) {
        List<Double> losses = new ArrayList<>();
        Map<String, double[]> first = new HashMap<>();
        Map<String, double[]> second = new HashMap<>();
        for (int step = 1; step <= RATES.length; step++) {
            losses.add(gradients(model, parameters, batch));
            double rate = RATES[step - 1];
            double unbias1 = 1 - Math.pow(0.9, step);
            double unbias2 = 1 - Math.pow(0.999, step);
            parameters.trained().forEach((key, p) -> {
                double[] m = first.computeIfAbsent(key, _ -> new double[p.v().length]);
                double[] v = second.computeIfAbsent(key, _ -> new double[p.v().length]);
                for (int i = 0; i < m.length; i++) {
                    m[i] = 0.9 * m[i] + 0.1 * p.d()[i];
                    v[i] = 0.999 * v[i] + 0.001 * p.d()[i] * p.d()[i];
                    p.v()[i] *= 1 - (decays.test(key) ? rate * DECAY : 0);
                    p.v()[i] -= rate * (m[i] / unbias1) / (Math.sqrt(v[i] / unbias2) + 1e-8);
                }
            });
        }
        losses.add(model.loss(parameters.on(new Graph()), batch).v()[0]);
        return losses;
    }

    /// The loss; leaves its gradients in the parameters.
    static double gradients(ReferenceModel model, Parameters parameters, PaddedBatch batch) {
        parameters.trained().values().forEach(Matrix::clearGradient);
        Graph graph = new Graph();
        Matrix loss = model.loss(parameters.on(graph), batch);
        graph.backward(loss);
        return loss.v()[0];
    }
}
