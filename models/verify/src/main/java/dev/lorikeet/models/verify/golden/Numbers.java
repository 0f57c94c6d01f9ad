package dev.lorikeet.models.verify.golden;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/// Java numbers on a device.
public final class Numbers {
    private Numbers() {}

    /// A new F32 tensor; the caller frees it.
    public static Tensor upload(Backend backend, Shape shape, double[] values) {
        Tensor tensor = backend.allocate(DType.F32, shape);
        upload(backend, tensor, values);
        return tensor;
    }

    /// Fills a contiguous F32 tensor.
    public static void upload(Backend backend, Tensor tensor, double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        backend.upload(tensor, MemorySegment.ofArray(floats));
    }
}
