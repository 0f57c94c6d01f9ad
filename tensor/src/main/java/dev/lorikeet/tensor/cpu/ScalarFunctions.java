package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.UnaryFunction;

/// The elementwise functions and their derivatives in double, written so that they stay accurate in both tails.
final class ScalarFunctions {
    private static final double ROOT_2_OVER_PI = Math.sqrt(2 / Math.PI);
    private static final double ROOT_2_PI = Math.sqrt(2 * Math.PI);
    private static final double CUBIC = 0.044715;
    private static final double LEAK = 0.01;
    private static final double SERIES_LIMIT = 2;

    private ScalarFunctions() {}

    /// `f(x)`.
    static double value(UnaryFunction f, double x) {
        return switch (f) {
            case GELU_TANH -> x * sigmoid(2 * tanhArgument(x));   // ½(1 + tanh u) = σ(2u), without cancellation
            case GELU_ERF -> x * normalCdf(x);
            case RELU -> x > 0 || Double.isNaN(x) ? x : 0;
            case LEAKY_RELU -> x < 0 ? LEAK * x : x;
            case TANH -> Math.tanh(x);
            case SIGMOID -> sigmoid(x);
            case SILU -> x * sigmoid(x);
            case SOFTPLUS -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
            case EXP -> Math.exp(x);
            case LOG -> Math.log(x);
            case SQRT -> Math.sqrt(x);
            case RSQRT -> 1 / Math.sqrt(x);
            case RECIPROCAL -> 1 / x;
        };
    }

    /// `f′(x)`.
    static double derivative(UnaryFunction f, double x) {
        return switch (f) {
            case GELU_TANH -> {
                double u = 2 * tanhArgument(x);
                double du = 2 * ROOT_2_OVER_PI * (1 + 3 * CUBIC * x * x);
                yield sigmoid(u) + x * sigmoid(u) * sigmoid(-u) * du;
            }
            case GELU_ERF -> normalCdf(x) + x * Math.exp(-x * x / 2) / ROOT_2_PI;
            case RELU -> x > 0 ? 1 : 0;
            case LEAKY_RELU -> x > 0 ? 1 : LEAK;
            case TANH -> 1 / (Math.cosh(x) * Math.cosh(x));
            case SIGMOID -> sigmoid(x) * sigmoid(-x);
            case SILU -> sigmoid(x) + x * sigmoid(x) * sigmoid(-x);
            case SOFTPLUS -> sigmoid(x);
            case EXP -> Math.exp(x);
            case LOG -> 1 / x;
            case SQRT -> 1 / (2 * Math.sqrt(x));
            case RSQRT -> -1 / (2 * x * Math.sqrt(x));
            case RECIPROCAL -> -1 / (x * x);
        };
    }

    private static double tanhArgument(double x) {
        return ROOT_2_OVER_PI * (x + CUBIC * x * x * x);
    }

    static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /// `Φ(x) = ½·erfc(−x/√2)`, the probability that a standard normal number is below `x`.
    static double normalCdf(double x) {
        return complementaryError(-x / Math.sqrt(2)) / 2;
    }

    /// `erfc(x) = 1 − erf(x)`, to about 1e-14 relative.
    static double complementaryError(double x) {
        if (x < 0) {
            return 2 - complementaryError(-x);
        }
        return x < SERIES_LIMIT ? 1 - errorSeries(x) : errorFraction(x);
    }

    /// `erf(x) = 2/√π·e^(−x²)·Σₙ 2ⁿx²ⁿ⁺¹/(1·3···(2n+1))`: all terms positive, so nothing cancels (DLMF 7.6.2).
    private static double errorSeries(double x) {
        double term = x;
        double sum = x;
        for (int n = 1; term > sum * 1e-17; n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }

    /// `erfc(x) = e^(−x²)/√π · 1/(x + ½/(x + 1/(x + 3⁄2/(x + …))))` from the inside out (DLMF 7.9.1). Eighty levels are
    /// enough from `x = 2` on.
    private static double errorFraction(double x) {
        double tail = x;
        for (int level = 80; level >= 1; level--) {
            tail = x + level / 2.0 / tail;
        }
        return Math.exp(-x * x) / (Math.sqrt(Math.PI) * tail);
    }
}
