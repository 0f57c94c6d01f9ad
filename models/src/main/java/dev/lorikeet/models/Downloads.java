package dev.lorikeet.models;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Small results as Java numbers.
public final class Downloads {
    private Downloads() {}

    /// The elements of a contiguous F32 or F64 tensor.
    public static double[] doubles(Backend backend, Tensor tensor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate(Math.max(8, tensor.bytes()), 64).asSlice(0, tensor.bytes());
            backend.download(host, tensor);
            double[] values = new double[Math.toIntExact(tensor.size())];
            for (int i = 0; i < values.length; i++) {
                values[i] = tensor.dtype() == DType.F64
                        ? host.getAtIndex(ValueLayout.JAVA_DOUBLE, i)
                        : host.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            }
            return values;
        }
    }
}
