package dev.lorikeet.bench.peers.torch;

import dev.lorikeet.tensor.Backend;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Copies numbers into libtorch's own memory and back.
final class TorchTensors {
    private TorchTensors() {}

    /// A copy of `tensor` (F32, contiguous) that libtorch has allocated.
    static org.bytedeco.pytorch.Tensor copyOf(Backend backend, Tensor tensor) {
        if (tensor.dtype() != DType.F32) {
            throw new IllegalArgumentException("libtorch is given F32 weights, not " + tensor);
        }
        long[] extents = new long[tensor.shape().rank()];
        for (int d = 0; d < extents.length; d++) {
            extents[d] = tensor.shape().dim(d);
        }
        org.bytedeco.pytorch.Tensor copy = torch.empty(extents);
        backend.download(memory(copy, tensor.bytes()), tensor);
        return copy;
    }

    /// A copy that is to be trained.
    static org.bytedeco.pytorch.Tensor trainable(Backend backend, Tensor tensor) {
        org.bytedeco.pytorch.Tensor copy = copyOf(backend, tensor);
        copy.set_requires_grad(true);
        return copy;
    }

    /// 64-bit integers of that shape.
    static org.bytedeco.pytorch.Tensor longs(int[] values, long... extents) {
        try (var options = new TensorOptions(ScalarType.Long); var format = new MemoryFormatOptional()) {
            org.bytedeco.pytorch.Tensor copy = torch.empty(extents, options, format);
            MemorySegment memory = memory(copy, (long) values.length * Long.BYTES);
            for (int i = 0; i < values.length; i++) {
                memory.setAtIndex(ValueLayout.JAVA_LONG, i, values[i]);
            }
            return copy;
        }
    }

    /// The elements of a contiguous F32 tensor.
    static float[] floats(org.bytedeco.pytorch.Tensor tensor) {
        return memory(tensor, tensor.numel() * Float.BYTES).toArray(ValueLayout.JAVA_FLOAT);
    }

    @SuppressWarnings("restricted")       // libtorch says where the elements are and how many
    private static MemorySegment memory(org.bytedeco.pytorch.Tensor tensor, long bytes) {
        if (tensor.numel() * tensor.element_size() != bytes || !tensor.is_contiguous()) {
            throw new IllegalArgumentException("expected %d bytes in a row, libtorch has %d elements of %d bytes"
                    .formatted(bytes, tensor.numel(), tensor.element_size()));
        }
        try (var data = tensor.data_ptr()) {
            return MemorySegment.ofAddress(data.address()).reinterpret(bytes);
        }
    }
}
