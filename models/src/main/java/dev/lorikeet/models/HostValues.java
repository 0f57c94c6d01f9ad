package dev.lorikeet.models;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/// Small results as Java numbers.
public final class HostValues {
    private HostValues() {}

    /// The elements of a contiguous F32 or F64 tensor.
    public static double[] doubles(Backend backend, Tensor tensor) {
        double[] values = new double[Math.toIntExact(tensor.size())];
        if (tensor.dtype() == DType.F64) {
            backend.download(MemorySegment.ofArray(values), tensor);
            return values;
        }
        float[] floats = new float[values.length];
        backend.download(MemorySegment.ofArray(floats), tensor);
        for (int i = 0; i < values.length; i++) {
            values[i] = floats[i];
        }
        return values;
    }
}
