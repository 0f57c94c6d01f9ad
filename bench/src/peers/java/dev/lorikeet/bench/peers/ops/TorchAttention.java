package dev.lorikeet.bench.peers.ops;

import dev.lorikeet.bench.compare.Contender;
import dev.lorikeet.bench.kernels.Kernel;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/// libtorch's `scaled_dot_product_attention` on views of the same fused `(N, 3C)`, as a GPT-2 written for it does.
final class TorchAttention {
    private TorchAttention() {}

    static Contender forward(Kernel.Attention attention) {
        Tensor qkv = TorchView.of(attention.qkv());
        return TorchView.allocating(() -> attend(attention, qkv));
    }

    static Contender both(Kernel.AttentionBoth attention) {
        Tensor qkv = TorchView.of(attention.forward().qkv()).set_requires_grad(true);
        Tensor dout = TorchView.of(attention.dout());
        return TorchView.allocating(() -> {
            qkv.mutable_grad().reset();
            TorchView.backward(attend(attention.forward(), qkv), dout);
            return qkv.grad();
        });
    }

    /// `(N, C)` of `(N, 3C)`.
    private static Tensor attend(Kernel.Attention attention, Tensor qkv) {
        long C = attention.out().cols();
        Tensor out = torch.scaled_dot_product_attention(
                heads(attention, qkv, 0), heads(attention, qkv, C), heads(attention, qkv, 2 * C),
                new TensorOptional(), 0, true, new DoubleOptional(), false);                           // (B, H, T, D)
        return out.transpose(1, 2).reshape(-1, C);
    }

    private static Tensor heads(Kernel.Attention attention, Tensor qkv, long column) {
        long C = attention.out().cols();
        long heads = attention.spec().heads();
        return qkv.narrow(1, column, C)
                .view(attention.sequences().count(), -1, heads, C / heads)
                .transpose(1, 2);                                                                      // (B, H, T, D)
    }
}
