package dev.lorikeet.models.metric;

/// Correlation of predicted and true classes (Matthews 1975), of any number of them (Gorodkin 2004):
///
/// ```text
/// MCC = (c·n − Σₖ pₖ·tₖ) / √((n² − Σₖ pₖ²)·(n² − Σₖ tₖ²))
/// ```
///
/// where `n` counts all, `c` the right ones, and `pₖ`, `tₖ` how often class `k` is predicted and true. For two classes
/// it is `(tp·tn − fp·fn) / √((tp+fp)(tp+fn)(tn+fp)(tn+fn))`. 0 where only one class is predicted, or true.
public record MatthewsCorrelation() implements Metric {
    @Override
    public String name() {
        return "matthews";
    }

    @Override
    public double of(double[] predictions, double[] labels) {
        Metric.requirePairs(predictions, labels);
        int classes = 1 + Math.max(largest(predictions), largest(labels));
        long[] predicted = new long[classes];
        long[] actual = new long[classes];
        long right = 0;
        for (int i = 0; i < labels.length; i++) {
            predicted[(int) predictions[i]]++;
            actual[(int) labels[i]]++;
            right += predictions[i] == labels[i] ? 1 : 0;
        }
        double n = labels.length;
        double product = 0;
        double predictedSquares = 0;
        double actualSquares = 0;
        for (int k = 0; k < classes; k++) {
            product += (double) predicted[k] * actual[k];
            predictedSquares += (double) predicted[k] * predicted[k];
            actualSquares += (double) actual[k] * actual[k];
        }
        double square = (n * n - predictedSquares) * (n * n - actualSquares);
        return square == 0 ? 0 : (right * n - product) / Math.sqrt(square);
    }

    private static int largest(double... classes) {
        int largest = 0;
        for (double each : classes) {
            if (!(each >= 0 && each == Math.rint(each) && each < 1 << 20)) {
                throw new IllegalArgumentException("Matthews correlation compares class numbers, found " + each);
            }
            largest = Math.max(largest, (int) each);
        }
        return largest;
    }
}
