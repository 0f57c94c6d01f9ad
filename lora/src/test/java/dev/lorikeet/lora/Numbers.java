package dev.lorikeet.lora;

import dev.lorikeet.autograd.Weight;
import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.RandomKey;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.ValueLayout;

/// Tensors to arrays and back, for tests.
public final class Numbers {
    private Numbers() {}

    public static double[] of(Backend backend, Tensor tensor) {
        return of(StoredTensor.copyOf(backend, tensor));
    }

    public static double[] of(StoredTensor tensor) {
        double[] values = new double[Math.toIntExact(tensor.shape().size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = tensor.get(i);
        }
        return values;
    }

    public static byte[] bytes(Backend backend, Tensor tensor) {
        return StoredTensor.copyOf(backend, tensor).bytes().toArray(ValueLayout.JAVA_BYTE);
    }

    /// F32 numbers on a device.
    public static Tensor tensor(Backend backend, Shape shape, double... values) {
        StoredTensor stored = StoredTensor.zeros(DType.F32, shape);
        for (int i = 0; i < values.length; i++) {
            stored.set(i, values[i]);
        }
        return stored.to(backend, DType.F32);
    }

    /// Standard normal numbers.
    public static Tensor random(Backend backend, DType dtype, Shape shape, long seed) {
        Tensor tensor = backend.allocate(dtype, shape);
        backend.kernels().normal(tensor, 0, 1, new RandomKey(seed, 1));
        return tensor;
    }

    public static StoredTensor randomStored(Backend backend, Shape shape, long seed) {
        return StoredTensor.copyOf(backend, random(backend, DType.F32, shape, seed));
    }

    /// Replaces the content of a weight, so that a fresh B is not 0.
    public static void fill(Backend backend, Weight weight, long seed) {
        backend.kernels().normal(weight.value(), 0, 0.5, new RandomKey(seed, 2));
    }
}
