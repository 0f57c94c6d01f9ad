package dev.lorikeet.bench.peers.ops;

import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Tensor;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Our memory under libtorch's names: no copy is made, and whoever owns the memory keeps it alive.
final class TorchView {
    private static final class Address extends Pointer {
        Address(long value) {
            address = value;
        }
    }

    private TorchView() {}

    /// `tensor` as libtorch sees it, with the same shape; rows without gaps only.
    static org.bytedeco.pytorch.Tensor of(Tensor tensor) {
        long[] sizes = new long[tensor.shape().rank()];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = tensor.shape().dim(i);
        }
        return of(tensor, sizes);
    }

    /// `tensor` under another shape.
    static org.bytedeco.pytorch.Tensor of(Tensor tensor, long... sizes) {
        if (!tensor.isContiguous()) {
            throw new IllegalArgumentException("%s has gaps between its rows".formatted(tensor));
        }
        TensorOptions options = new TensorOptions(tensor.dtype() == DType.I32 ? ScalarType.Int : ScalarType.Float);
        return torch.from_blob(new Address(tensor.address()), sizes, options);
    }
}
