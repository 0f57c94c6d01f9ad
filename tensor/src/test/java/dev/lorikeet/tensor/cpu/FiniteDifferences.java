package dev.lorikeet.tensor.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.DoubleSupplier;

/// Central differences: the slope of a number that depends on the elements of a contiguous F64 tensor.
final class FiniteDifferences {
    private static final double STEP = 1e-6;

    private FiniteDifferences() {}

    /// Demands that `gradient` holds the slopes of `value` along each element of `x`.
    static void check(ScalarTestEngine engine, Tensor x, Tensor gradient, DoubleSupplier value) {
        double[] claimed = engine.numbers(gradient);
        MemorySegment memory = x.storage().segment();
        for (int i = 0; i < claimed.length; i++) {
            double old = memory.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
            memory.setAtIndex(ValueLayout.JAVA_DOUBLE, i, old + STEP);
            double above = value.getAsDouble();
            memory.setAtIndex(ValueLayout.JAVA_DOUBLE, i, old - STEP);
            double below = value.getAsDouble();
            memory.setAtIndex(ValueLayout.JAVA_DOUBLE, i, old);
            double slope = (above - below) / (2 * STEP);
            assertThat(claimed[i]).as("element %d", i).isCloseTo(slope, within(1e-7 * (1 + Math.abs(slope))));
        }
    }

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
