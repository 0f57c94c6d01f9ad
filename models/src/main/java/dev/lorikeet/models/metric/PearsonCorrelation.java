package dev.lorikeet.models.metric;

/// `r = Σ(x − x̄)(y − ȳ) / √(Σ(x − x̄)²·Σ(y − ȳ)²)`. Not a number where all predictions or all labels are equal, since
/// they vary with nothing then.
public record PearsonCorrelation() implements Metric {
    @Override
    public String name() {
        return "pearson";
    }

    @Override
    public double of(double[] predictions, double[] labels) {
        Metric.requirePairs(predictions, labels);
        return correlation(predictions, labels);
    }

    static double correlation(double[] x, double[] y) {
        double meanX = mean(x);
        double meanY = mean(y);
        double xy = 0;
        double xx = 0;
        double yy = 0;
        boolean constantX = true;
        boolean constantY = true;
        for (int i = 0; i < x.length; i++) {
            double dx = x[i] - meanX;
            double dy = y[i] - meanY;
            xy += dx * dy;
            xx += dx * dx;
            yy += dy * dy;
            constantX &= x[i] == x[0];
            constantY &= y[i] == y[0];
        }
        if (constantX || constantY) {
            return Double.NaN;      // the sums may differ from 0 by rounding
        }
        return Math.clamp(xy / Math.sqrt(xx * yy), -1, 1);
    }

    private static double mean(double... values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }
}
