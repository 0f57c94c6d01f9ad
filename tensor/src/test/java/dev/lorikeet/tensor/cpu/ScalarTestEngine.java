package dev.lorikeet.tensor.cpu;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.HostNumbers;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.util.Arrays;
import java.util.SplittableRandom;

/// A scalar backend in F64, with the few words that tests of the specification need.
final class ScalarTestEngine implements AutoCloseable {
    private final ScalarBackend scalar = new ScalarBackend();

    Kernels kernels() {
        return scalar.kernels();
    }

    /// A tensor with these numbers, row by row.
    Tensor of(Shape shape, double... values) {
        return HostNumbers.upload(scalar, DType.F64, shape, values);
    }

    /// A vector.
    Tensor of(double... values) {
        return of(Shape.of(values.length), values);
    }

    Tensor indices(double... values) {
        return HostNumbers.upload(scalar, DType.I32, Shape.of(values.length), values);
    }

    /// A destination that nobody may read.
    Tensor poisoned(int... dims) {
        double[] values = new double[(int) Shape.of(dims).size()];
        Arrays.fill(values, Double.NaN);
        return of(Shape.of(dims), values);
    }

    /// Standard normal numbers.
    Tensor normal(long seed, int... dims) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] values = new double[(int) Shape.of(dims).size()];
        Arrays.setAll(values, _ -> random.nextGaussian());
        return of(Shape.of(dims), values);
    }

    double[] numbers(Tensor tensor) {
        return HostNumbers.download(scalar, tensor);
    }

    @Override
    public void close() {
        scalar.close();
    }
}
