package dev.lorikeet.bench.compare;

import java.util.Arrays;
import java.util.List;

/// A median and its quartiles.
///
/// @param low    a quarter of the numbers is smaller
/// @param median half of them
/// @param high   three quarters
public record Spread(double low, double median, double high) {
    /// The spread of some numbers, at least one; between two of them quartiles are interpolated.
    public static Spread of(double... numbers) {
        if (numbers.length == 0) {
            throw new IllegalArgumentException("no numbers, no spread");
        }
        double[] sorted = numbers.clone();
        Arrays.sort(sorted);
        return new Spread(quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75));
    }

    /// The spread of some numbers, at least one.
    public static Spread of(List<Double> numbers) {
        return of(numbers.stream().mapToDouble(Double::doubleValue).toArray());
    }

    private static double quantile(double[] sorted, double part) {
        double place = part * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
