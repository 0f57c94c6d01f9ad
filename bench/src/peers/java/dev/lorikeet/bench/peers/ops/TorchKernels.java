package dev.lorikeet.bench.peers.ops;

import dev.lorikeet.bench.compare.Contender;
import dev.lorikeet.bench.kernels.Kernel;
import dev.lorikeet.bench.kernels.KernelContenders;
import dev.lorikeet.tensor.UnaryFunction;
import java.util.Optional;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// libtorch's operator for each kernel: into memory that is there already where the operator allows it, into memory of
/// its own where eager libtorch does so, too.
public final class TorchKernels implements KernelContenders {
    @Override
    public Optional<Contender> contender(Kernel kernel) {
        return Optional.ofNullable(switch (kernel) {
            case Kernel.Map map -> map(map);
            case Kernel.MapBackward map -> mapBackward(map);
            case Kernel.Softmax softmax -> softmax(softmax);
            case Kernel.LayerNorm norm -> layerNorm(norm);
            case Kernel.LayerNormBackward norm -> layerNormBackward(norm);
            case Kernel.Dropout dropout -> dropout(dropout);
            case Kernel.Adam adam -> adam(adam);
            case Kernel.CrossEntropy loss -> TorchLosses.crossEntropy(loss);
            case Kernel.Head head -> TorchLosses.head(head);
            case Kernel.Attention attention -> TorchAttention.forward(attention);
            case Kernel.AttentionBoth attention -> TorchAttention.both(attention);
        });
    }

    private static Contender map(Kernel.Map map) {
        if (map.f() != UnaryFunction.GELU_TANH) {
            return null;
        }
        Tensor x = TorchView.of(map.x());
        Tensor y = TorchView.of(map.y());
        return TorchView.contender(y, () -> torch.gelu_out(y, x, "tanh").close());
    }

    private static Contender mapBackward(Kernel.MapBackward map) {
        if (map.f() != UnaryFunction.GELU_TANH) {
            return null;
        }
        Tensor x = TorchView.of(map.x());
        Tensor dy = TorchView.of(map.dy());
        Tensor dx = TorchView.of(map.dx());
        return TorchView.contender(dx, () -> torch.gelu_backward_out(dx, dy, x, "tanh").close());
    }

    private static Contender softmax(Kernel.Softmax softmax) {
        Tensor x = TorchView.of(softmax.x());
        Tensor y = TorchView.of(softmax.y());
        return TorchView.contender(y, () -> torch.softmax_out(y, x, -1).close());
    }

    private static Contender layerNorm(Kernel.LayerNorm norm) {
        Tensor x = TorchView.of(norm.x());
        long[] shape = {norm.x().cols()};
        TensorOptional weight = new TensorOptional(TorchView.of(norm.weight()));
        TensorOptional bias = new TensorOptional(TorchView.of(norm.bias()));
        return TorchView.allocating(() -> torch.native_layer_norm(x, shape, weight, bias, Kernel.LayerNorm.EPS).get0());
    }

    private static Contender layerNormBackward(Kernel.LayerNormBackward norm) {
        Tensor x = TorchView.of(norm.forward().x());
        Tensor dy = TorchView.of(norm.dy());
        Tensor mean = TorchView.of(norm.forward().mean(), x.size(0), 1);
        Tensor rstd = TorchView.of(norm.forward().rstd(), x.size(0), 1);
        long[] shape = {norm.forward().x().cols()};
        TensorOptional weight = new TensorOptional(TorchView.of(norm.forward().weight()));
        TensorOptional bias = new TensorOptional(TorchView.of(norm.forward().bias()));
        BoolPointer inputOnly = new BoolPointer(3).put(0, true).put(1, false).put(2, false);
        return TorchView.allocating(() ->
                torch.native_layer_norm_backward(dy, x, shape, mean, rstd, weight, bias, inputOnly).get0());
    }

    /// The mask is stored, as autograd needs it.
    private static Contender dropout(Kernel.Dropout dropout) {
        Tensor x = TorchView.of(dropout.x());
        return TorchView.allocating(() -> torch.native_dropout(x, dropout.p(), new BoolOptional(true)).get0());
    }

    /// libtorch's C++ optimizer; its parameters have their own moments.
    private static Contender adam(Kernel.Adam adam) {
        Tensor p = TorchView.of(adam.p()).clone().requires_grad_(true);
        p.mutable_grad().put(TorchView.of(adam.g()));
        AdamWOptions options = new AdamWOptions(1e-3);
        options.weight_decay().put(0.01);
        AdamW optimizer = new AdamW(new TensorVector(p), options);
        return TorchView.contender(p, () -> optimizer.step().close());
    }
}
