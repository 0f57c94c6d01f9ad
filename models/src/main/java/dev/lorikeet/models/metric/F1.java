package dev.lorikeet.models.metric;

/// `F₁ = 2·tp / (2·tp + fp + fn)` of the positive class, number 1: the harmonic mean of precision `tp / (tp + fp)` and
/// recall `tp / (tp + fn)`. 0 where nothing is positive, neither label nor prediction.
public record F1() implements Metric {
    @Override
    public String name() {
        return "f1";
    }

    @Override
    public double of(double[] predictions, double[] labels) {
        Metric.requirePairs(predictions, labels);
        long truePositive = 0;
        long wrong = 0;
        for (int i = 0; i < labels.length; i++) {
            boolean predicted = predictions[i] == 1;
            boolean positive = labels[i] == 1;
            truePositive += predicted && positive ? 1 : 0;
            wrong += predicted != positive ? 1 : 0;
        }
        return truePositive == 0 ? 0 : 2.0 * truePositive / (2 * truePositive + wrong);
    }
}
