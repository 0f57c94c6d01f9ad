package dev.lorikeet.models.metric;

/// `accuracy = (number of i with prediction[i] = label[i]) / n`
public record Accuracy() implements Metric {
    @Override
    public String name() {
        return "accuracy";
    }

    @Override
    public double of(double[] predictions, double[] labels) {
        Metric.requirePairs(predictions, labels);
        int right = 0;
        for (int i = 0; i < labels.length; i++) {
            right += predictions[i] == labels[i] ? 1 : 0;
        }
        return (double) right / labels.length;
    }
}
