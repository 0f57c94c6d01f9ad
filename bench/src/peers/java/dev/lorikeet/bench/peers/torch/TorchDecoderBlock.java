package dev.lorikeet.bench.peers.torch;

import dev.lorikeet.models.gpt2.Gpt2Config;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// One block that remembers keys and values of one sequence, in memory reserved beforehand: appending writes the new
/// rows only, where `cat` would copy the old ones too.
final class TorchDecoderBlock implements AutoCloseable {
    private final Gpt2Config config;
    private final TorchNorm ln1;
    private final TorchNorm ln2;
    private final TorchMatrix attn;
    private final TorchMatrix proj;
    private final TorchMatrix fc;
    private final TorchMatrix fcProj;
    private final Tensor keys;
    private final Tensor values;

    TorchDecoderBlock(Gpt2Config config, TorchWeights weights, String at, TorchMatrix.Form form, int capacity) {
        this.config = config;
        ln1 = new TorchNorm(weights, at + ".ln_1", config, form);
        ln2 = new TorchNorm(weights, at + ".ln_2", config, form);
        attn = matrix(weights, at + ".attn.c_attn", form);
        proj = matrix(weights, at + ".attn.c_proj", form);
        fc = matrix(weights, at + ".mlp.c_fc", form);
        fcProj = matrix(weights, at + ".mlp.c_proj", form);
        keys = reserve(capacity);
        values = reserve(capacity);
    }

    private static TorchMatrix matrix(TorchWeights weights, String at, TorchMatrix.Form form) {
        return TorchMatrix.of(weights.get(at + ".weight"), weights.get(at + ".bias"), form);
    }

    private Tensor reserve(int capacity) {
        long[] extents = {1, config.nHead(), capacity, config.nEmbd() / config.nHead()};
        try (Tensor wide = torch.zeros(extents)) {
            return wide.to(attn.weight().scalar_type());
        }
    }

    /// @param x    `(N, C)`, the new tokens
    /// @param past how many tokens are remembered; with a past, N is 1
    /// @return `(N, C)`; the caller closes it
    Tensor forward(Tensor x, long past) {
        try (PointerScope _ = new PointerScope()) {
            Tensor h = proj.forward(attention(ln1.forward(x), past));
            h.add_(x);
            Tensor y = fcProj.forward(torch.gelu(fc.forward(ln2.forward(h)), "tanh"));
            y.add_(h);
            y.retainReference();
            return y;
        }
    }

    private Tensor attention(Tensor x, long past) {
        long added = x.size(0);
        TensorVector qkv = attn.forward(x).split(config.nEmbd(), 1);                             // 3 x (N, C)
        keys.narrow(2, past, added).copy_(heads(qkv.get(1)));
        values.narrow(2, past, added).copy_(heads(qkv.get(2)));
        Tensor attended = torch.scaled_dot_product_attention(
                heads(qkv.get(0)), keys.narrow(2, 0, past + added), values.narrow(2, 0, past + added),
                new TensorOptional(), 0, added > 1, new DoubleOptional(), false);                // (1, H, N, D)
        return attended.transpose(1, 2).reshape(-1, config.nEmbd());                             // (N, C)
    }

    private Tensor heads(Tensor x) {
        return x.view(1, -1, config.nHead(), config.nEmbd() / config.nHead()).transpose(1, 2);   // (1, H, N, D)
    }

    @Override
    public void close() {
        ln1.close();
        ln2.close();
        attn.close();
        proj.close();
        fc.close();
        fcProj.close();
        keys.close();
        values.close();
    }
}
