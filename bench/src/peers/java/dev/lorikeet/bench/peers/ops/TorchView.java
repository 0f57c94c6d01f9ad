package dev.lorikeet.bench.peers.ops;

import dev.lorikeet.bench.compare.Contender;
import dev.lorikeet.bench.kernels.Kernel;
import dev.lorikeet.tensor.DType;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Our memory under libtorch's names: no copy is made, and whoever owns the memory keeps it alive.
final class TorchView {
    private static final String NAME = "libtorch";

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

    /// A contender that writes into `result`.
    static Contender contender(org.bytedeco.pytorch.Tensor result, Runnable work) {
        return Contender.of(NAME, () -> {
            work.run();
            return probe(result);
        });
    }

    /// A contender whose result libtorch allocates anew each time.
    static Contender allocating(Supplier<org.bytedeco.pytorch.Tensor> work) {
        return Contender.of(NAME, () -> {
            try (PointerScope _ = new PointerScope()) {
                return probe(work.get());
            }
        });
    }

    /// Gradients of whatever `y` depends on, given its own.
    static void backward(org.bytedeco.pytorch.Tensor y, org.bytedeco.pytorch.Tensor dy) {
        y.backward(dy, new BoolOptional(), false, new TensorArrayRefOptional());
    }

    @SuppressWarnings("restricted")       // libtorch says where the elements are and how many
    private static double probe(org.bytedeco.pytorch.Tensor tensor) {
        if (!tensor.is_contiguous()) {
            throw new IllegalArgumentException("the result has gaps");
        }
        try (Pointer data = tensor.data_ptr()) {
            return Kernel.probe(
                    MemorySegment.ofAddress(data.address()).reinterpret(4 * tensor.numel()), tensor.numel());
        }
    }
}
