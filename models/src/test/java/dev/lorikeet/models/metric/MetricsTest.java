package dev.lorikeet.models.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Values worked out by hand.
class MetricsTest {
    private static final double[] LABELS = {1, 1, 1, 1, 0, 0};

    /// Against [#LABELS]: 3 true positives, 1 false negative, 1 false positive, 1 true negative.
    private static final double[] PREDICTIONS = {1, 1, 1, 0, 1, 0};

    private static double[] all(double value, int count) {
        double[] values = new double[count];
        Arrays.fill(values, value);
        return values;
    }

    @Test
    void accuracy_is_the_share_of_right_ones() {
        assertThat(new Accuracy().of(PREDICTIONS, LABELS)).isEqualTo(4 / 6.0);
        assertThat(new Accuracy().of(new double[] {2, 0, 1}, new double[] {2, 0, 1})).isOne();
        assertThat(new Accuracy().of(all(1, 6), LABELS)).isEqualTo(4 / 6.0);
        assertThat(new Accuracy().of(new double[] {0}, new double[] {2})).isZero();
    }

    @Test
    void f1_is_the_harmonic_mean_of_precision_and_recall() {
        assertThat(new F1().of(PREDICTIONS, LABELS)).isEqualTo(0.75);                 // 2·3 / (2·3 + 1 + 1)
        assertThat(new F1().of(all(1, 6), LABELS)).isEqualTo(0.8);                    // 2·4 / (2·4 + 2)
        assertThat(new F1().of(all(0, 6), LABELS)).isZero();
        assertThat(new F1().of(all(0, 3), all(0, 3))).isZero();
        assertThat(new F1().of(LABELS, LABELS)).isOne();
    }

    @Test
    void matthews_correlation_of_two_classes_is_that_of_the_contingency_table() {
        // (3·1 − 1·1) / √(4·4·2·2) = 2 / 8
        assertThat(new MatthewsCorrelation().of(PREDICTIONS, LABELS)).isEqualTo(0.25);
        assertThat(new MatthewsCorrelation().of(LABELS, LABELS)).isOne();
        assertThat(new MatthewsCorrelation().of(new double[] {0, 0, 0, 0, 1, 1}, LABELS)).isEqualTo(-1);
    }

    /// Predicted 0, 0, 1, 2, 2 for 0, 1, 1, 2, 0: c = 3, n = 5, p = (2, 1, 2), t = (2, 2, 1);
    /// (15 − 8) / √((25 − 9)(25 − 9)) = 7 / 16.
    @Test
    void matthews_correlation_of_three_classes_is_gorodkins() {
        assertThat(new MatthewsCorrelation().of(new double[] {0, 0, 1, 2, 2}, new double[] {0, 1, 1, 2, 0}))
                .isEqualTo(7 / 16.0);
    }

    @Test
    void constant_predictions_correlate_with_nothing() {
        assertThat(new MatthewsCorrelation().of(all(1, 6), LABELS)).isZero();
        assertThat(new MatthewsCorrelation().of(all(0, 6), LABELS)).isZero();
        assertThat(new MatthewsCorrelation().of(LABELS, all(1, 6))).isZero();
        for (Metric metric : List.of(new PearsonCorrelation(), new SpearmanCorrelation())) {
            assertThat(metric.of(all(0.1, 6), LABELS)).as(metric.name()).isNaN();
            assertThat(metric.of(LABELS, all(3.7, 6))).as(metric.name()).isNaN();
            assertThat(metric.of(new double[] {1}, new double[] {1})).as(metric.name()).isNaN();
        }
    }

    /// x = 1, 2, 3, 4 and y = 2, 1, 4, 5: Σdxdy = 6, Σdx² = 5, Σdy² = 10.
    @Test
    void pearson_correlation_is_the_covariance_over_both_deviations() {
        double[] x = {1, 2, 3, 4};
        double[] y = {2, 1, 4, 5};
        assertThat(new PearsonCorrelation().of(x, y)).isCloseTo(6 / Math.sqrt(50), within(1e-15));
        assertThat(new PearsonCorrelation().of(new double[] {10, 20, 30, 40}, new double[] {-1, -2, -3, -4}))
                .isCloseTo(-1, within(1e-15));
        double far = 1e8;
        assertThat(new PearsonCorrelation().of(new double[] {far + 1, far + 2, far + 3, far + 4}, y))
                .isCloseTo(6 / Math.sqrt(50), within(1e-9));
    }

    /// Ranks of x = 10, 20, 20, 1000 are 1, 2.5, 2.5, 4; of y = 0, 7, 7, 7 they are 1, 3, 3, 3: means 2.5,
    /// Σdxdy = (−1.5)(−1.5) + 0 + 0 + 1.5·0.5 = 3, Σdx² = 4.5, Σdy² = 3.
    @Test
    void spearman_correlation_gives_equal_values_their_mean_rank() {
        assertThat(SpearmanCorrelation.ranks(10, 20, 20, 1000)).containsExactly(1, 2.5, 2.5, 4);
        assertThat(SpearmanCorrelation.ranks(0, 7, 7, 7)).containsExactly(1, 3, 3, 3);
        assertThat(new SpearmanCorrelation().of(new double[] {10, 20, 20, 1000}, new double[] {0, 7, 7, 7}))
                .isCloseTo(3 / Math.sqrt(4.5 * 3), within(1e-15));
        assertThat(new SpearmanCorrelation().of(new double[] {1, 10, 100}, new double[] {-3, -2, 99})).isOne();
        assertThat(new SpearmanCorrelation().of(new double[] {3, 2, 1}, new double[] {1, 5, 9})).isEqualTo(-1);
    }

    @Test
    void no_pairs_and_unequal_numbers_are_refused() {
        for (Metric metric : List.of(new Accuracy(), new F1(), new MatthewsCorrelation(), new PearsonCorrelation(),
                new SpearmanCorrelation())) {
            assertThatThrownBy(() -> metric.of(new double[0], new double[0])).isInstanceOf(
                    IllegalArgumentException.class);
            assertThatThrownBy(() -> metric.of(new double[2], new double[3])).hasMessageContaining("2 predictions");
        }
        assertThatThrownBy(() -> new MatthewsCorrelation().of(new double[] {0.5}, new double[] {1}))
                .hasMessageContaining("0.5");
    }
}
